#include "host/cli/dram_trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LINE 200u // characters
#define MOST_WORDS 3u

struct reader {
  const char *name;
  uint64_t line, bytes;
  unsigned words; // of a line of this file, 0: not known yet
  uint64_t cycle; // of the last request
  struct shira_error *error;
};

#define bad(rd, ...) bad_line((rd), shira_fail((rd)->error, EINVAL, __VA_ARGS__))

// Puts file and line before the sentence.
static int bad_line(const struct reader *rd, int rc) {
  shira_fail(rd->error, EINVAL, "%s:%" PRIu64 ": %s", rd->name, rd->line, rd->error->text);
  return rc;
}

static bool number(const char *text, uint64_t *value) {
  char *end;
  const bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  const char first = text[hex ? 2 : 0];
  if (!((first >= '0' && first <= '9') || (hex && strchr("abcdefABCDEF", first) && first)))
    return false;
  errno = 0;
  *value = strtoull(text, &end, hex ? 16 : 10);
  return errno == 0 && *end == '\0';
}

static int read_address(const struct reader *rd, const char *text, struct dram_request *q) {
  if (!number(text, &q->addr))
    return bad(rd, "'%s' is no address", text);
  if (q->addr >= rd->bytes)
    return bad(rd, "address %s is outside the memory of %" PRIu64 " bytes", text, rd->bytes);
  return 0;
}

static int read_op(const struct reader *rd, const char *text, const char *read, const char *write,
                   struct dram_request *q) {
  q->write = !strcmp(text, write);
  if (!q->write && strcmp(text, read))
    return bad(rd, "'%s' is neither %s nor %s", text, read, write);
  return 0;
}

static int read_cycle(struct reader *rd, const char *text, struct dram_request *q) {
  if (!number(text, &q->cycle) || q->cycle > INT64_MAX)
    return bad(rd, "'%s' is no cycle", text);
  if (q->cycle < rd->cycle)
    return bad(rd, "cycle %" PRIu64 " comes after cycle %" PRIu64, q->cycle, rd->cycle);
  rd->cycle = q->cycle;
  return 0;
}

// Splits a line at blanks. Returns the number of words, MOST_WORDS + 1 where there are more.
static unsigned split(char *line, char *word[MOST_WORDS]) {
  unsigned n = 0;
  char *rest;
  for (char *w = strtok_r(line, " \t\r\n", &rest); w; w = strtok_r(NULL, " \t\r\n", &rest), n++) {
    if (n == MOST_WORDS)
      return n + 1;
    word[n] = w;
  }
  return n;
}

// One line into *q. *has: it held a request.
static int read_line(struct reader *rd, char *line, struct dram_request *q, bool *has) {
  char *word[MOST_WORDS];
  const unsigned n = split(line, word);
  *has = n != 0 && word[0][0] != '#';
  if (!*has)
    return 0;
  *q = (struct dram_request){0};
  if (n != 2 && n != 3)
    return bad(rd, "is neither 'R|W ADDRESS' nor 'ADDRESS READ|WRITE CYCLE'");
  if (rd->words != 0 && n != rd->words)
    return bad(rd, "has %u words, lines before it have %u", n, rd->words);
  rd->words = n;
  int rc = n == 2 ? read_op(rd, word[0], "R", "W", q) : read_op(rd, word[1], "READ", "WRITE", q);
  if (!rc)
    rc = read_address(rd, word[n == 2 ? 1 : 0], q);
  return rc || n == 2 ? rc : read_cycle(rd, word[2], q);
}

static int append(struct dram_requests *r, size_t *size, const struct dram_request *q) {
  if (r->n == *size) {
    const size_t more = *size ? 2 * *size : 1024;
    struct dram_request *at = realloc(r->at, more * sizeof *at);
    if (at == NULL)
      return -ENOMEM;
    r->at = at;
    *size = more;
  }
  r->at[r->n++] = *q;
  return 0;
}

// The next line without its end, as text. 1: there is one, 0: the file ends.
static int next_line(struct reader *rd, FILE *f, char line[MOST_LINE + 1]) {
  unsigned n = 0;
  int c = getc(f);
  if (c == EOF)
    return ferror(f) ? shira_fail(rd->error, EIO, "cannot read '%s': %s", rd->name, strerror(errno))
                     : 0;
  for (rd->line++; c != EOF && c != '\n'; c = getc(f)) {
    if ((c < ' ' && c != '\t' && c != '\r') || c > '~')
      return bad(rd, "holds the byte 0x%02x, which is no text", (unsigned)c);
    if (n == MOST_LINE)
      return bad(rd, "is longer than %u characters", MOST_LINE);
    line[n++] = (char)c;
  }
  line[n] = '\0';
  return 1;
}

static int read_all(FILE *f, struct reader *rd, struct dram_requests *r) {
  char line[MOST_LINE + 1];
  size_t size = 0;
  int rc;
  while ((rc = next_line(rd, f, line)) == 1) {
    struct dram_request q;
    bool has;
    rc = read_line(rd, line, &q, &has);
    if (!rc && has && append(r, &size, &q))
      rc = shira_fail(rd->error, ENOMEM, "no memory for the requests of %s", rd->name);
    if (rc)
      return rc;
  }
  if (!rc && r->n == 0)
    rc = shira_fail(rd->error, EINVAL, "%s: has no requests", rd->name);
  return rc;
}

int dram_requests_read(FILE *f, const char *name, uint64_t bytes, struct dram_requests *r,
                       struct shira_error *error) {
  struct reader rd = {.name = name, .bytes = bytes, .error = error};
  *r = (struct dram_requests){0};
  const int rc = read_all(f, &rd, r);
  if (rc)
    dram_requests_free(r);
  return rc;
}

void dram_requests_free(struct dram_requests *r) {
  free(r->at);
  *r = (struct dram_requests){0};
}
