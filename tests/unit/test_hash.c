// SHA-256 against the examples of FIPS 180-4 (NIST's "SHA256.pdf"), and its text.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shira/hash.h"

static const struct {
  const char *text, *hash;
} known[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static void expect_text(const struct shira_hash *hash, const char *text) {
  char got[SHIRA_HASH_TEXT];
  shira_hash_text(hash, got);
  assert_string_equal(got, text);
}

static void hashes_what_is_known(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    struct shira_hash hash = shira_hash_of(known[i].text, strlen(known[i].text));
    expect_text(&hash, known[i].hash);
  }
  // A million times "a".
  struct shira_hasher h;
  struct shira_hash hash;
  shira_hash_begin(&h);
  char a[1000];
  memset(a, 'a', sizeof a);
  for (int i = 0; i < 1000; i++)
    shira_hash_add(&h, a, sizeof a);
  shira_hash_end(&h, &hash);
  expect_text(&hash, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Cut anywhere, also by a copy of the hasher that goes on alone.
static void pieces_do_not_matter(void **state) {
  (void)state;
  const char *text = known[2].text;
  size_t length = strlen(text);
  for (size_t cut = 0; cut <= length; cut++) {
    struct shira_hasher h, copy;
    struct shira_hash hash;
    shira_hash_begin(&h);
    shira_hash_add(&h, text, cut);
    copy = h;
    shira_hash_add(&h, "spoils h only", 5);
    shira_hash_add(&copy, text + cut, length - cut);
    shira_hash_end(&copy, &hash);
    expect_text(&hash, known[2].hash);
  }
}

static struct shira_hash of_texts(const char *a, const char *b) {
  struct shira_hasher h;
  struct shira_hash hash;
  shira_hash_begin(&h);
  shira_hash_add_text(&h, a);
  shira_hash_add_text(&h, b);
  shira_hash_end(&h, &hash);
  return hash;
}

static void texts_and_numbers(void **state) {
  (void)state;
  struct shira_hash ab_c = of_texts("ab", "c"), a_bc = of_texts("a", "bc"),
                    again = of_texts("ab", "c");
  assert_false(shira_hash_equal(&ab_c, &a_bc));
  assert_true(shira_hash_equal(&ab_c, &again));
  static const char as_bytes[] = "\x02\0\0\0\0\0\0\0ab\x01\0\0\0\0\0\0\0c";
  struct shira_hash bytes = shira_hash_of(as_bytes, sizeof as_bytes - 1);
  assert_true(shira_hash_equal(&ab_c, &bytes));
  struct shira_hasher h;
  struct shira_hash number, expected = shira_hash_of("\x08\x07\x06\x05\x04\x03\x02\x01", 8);
  shira_hash_begin(&h);
  shira_hash_add_u64(&h, 0x0102030405060708);
  shira_hash_end(&h, &number);
  assert_true(shira_hash_equal(&number, &expected));
}

static void text_and_back(void **state) {
  (void)state;
  struct shira_hash hash, was;
  char text[80];
  for (unsigned i = 0; i < sizeof hash.byte; i++)
    was.byte[i] = (uint8_t)(i * 37 + 11);
  shira_hash_text(&was, text);
  assert_int_equal(shira_hash_from_text(text, &hash), 0);
  assert_true(shira_hash_equal(&hash, &was));
  static const char *const wrong[] = {
      "",
      "ab",
      "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a",
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0",
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ag",
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015adg"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_int_equal(shira_hash_from_text(wrong[i], &hash), -EINVAL);
    assert_true(shira_hash_equal(&hash, &was));
  }
}

static void of_a_file(void **state) {
  (void)state;
  struct shira_error error;
  struct shira_hash hash, expected;
  char path[] = P_tmpdir "/shira-XXXXXX";
  int fd = mkstemp(path);
  static char data[200000];
  for (size_t i = 0; i < sizeof data; i++)
    data[i] = (char)(i * i >> 3);
  assert_int_equal(write(fd, data, sizeof data), sizeof data);
  close(fd);
  assert_int_equal(shira_hash_file(path, &hash, &error), 0);
  expected = shira_hash_of(data, sizeof data);
  assert_true(shira_hash_equal(&hash, &expected));
  unlink(path);
  assert_int_equal(shira_hash_file(path, &hash, &error), -ENOENT);
  assert_non_null(strstr(error.text, "cannot open '" P_tmpdir "/shira-"));
  assert_int_equal(shira_hash_file(P_tmpdir, &hash, &error), -EISDIR);
  assert_string_equal(error.text, "cannot read '" P_tmpdir "': Is a directory");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hashes_what_is_known),
      cmocka_unit_test(pieces_do_not_matter),
      cmocka_unit_test(texts_and_numbers),
      cmocka_unit_test(text_and_back),
      cmocka_unit_test(of_a_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
