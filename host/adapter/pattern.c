#include "host/adapter/pattern.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAX_KEY 512 // characters; bounds the work of regcomp

struct writer {
  char text[MAX_KEY * 8 + 32];
  size_t n;
};

static void put(struct writer *w, const char *text) {
  size_t n = strlen(text); // text[] holds 8 for each of the key's, the most is 6
  memcpy(w->text + w->n, text, n + 1);
  w->n += n;
}

static void put_char(struct writer *w, char c) {
  put(w, (char[2]){c, '\0'});
}

// What an escape means outside and inside of brackets; NULL: not shared. Letters and digits carry
// meaning, everything else stands for itself.
static const char *escape(char c, bool bracket) {
  switch (c) {
  case 'd':
    return bracket ? "0-9" : "[0-9]";
  case 'D':
    return bracket ? NULL : "[^0-9]";
  case 'w':
    return bracket ? "A-Za-z0-9_" : "[A-Za-z0-9_]";
  case 'W':
    return bracket ? NULL : "[^A-Za-z0-9_]";
  default:
    return NULL;
  }
}

static bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// Copies a bracket expression; key points behind '['. Returns behind its ']' or NULL.
static const char *put_bracket(struct writer *w, const char *key, const char **why) {
  put_char(w, '[');
  if (*key == '^')
    put_char(w, *key++);
  for (bool first = true; *key && (first || *key != ']'); key++, first = false) {
    char c = *key;
    if (c == '\\') {
      c = *++key;
      const char *meaning = escape(c, true);
      if (meaning) {
        put(w, meaning);
        continue;
      }
      if (c == '\0' || is_word(c) || strchr("]^-[\\", c)) {
        *why = "an escape inside of [] that POSIX does not know";
        return NULL;
      }
    } else if (c == '[') {
      *why = "'[' inside of []";
      return NULL;
    }
    put_char(w, c);
  }
  if (*key != ']') {
    *why = "'[' without ']'";
    return NULL;
  }
  put_char(w, ']');
  return key + 1;
}

static int translate(const char *key, struct writer *w, const char **why) {
  bool repeat = false; // the last thing was a repeat
  int depth = 0;       // of open groups
  while (*key) {
    char c = *key++;
    bool is_repeat = strchr("*+?", c) != NULL;
    if (is_repeat && repeat) {
      *why = "a repeat of a repeat, lazy or possessive";
      return -EINVAL;
    }
    repeat = is_repeat;
    depth += (c == '(') - (c == ')');
    if (depth < 0)
      break;
    if (c == '\\') {
      const char *meaning = escape(*key, false);
      if (!meaning && (*key == '\0' || is_word(*key))) {
        *why = "an escape that POSIX does not know";
        return -EINVAL;
      }
      if (meaning) {
        put(w, meaning);
      } else {
        put_char(w, '\\');
        put_char(w, *key);
      }
      key++;
    } else if (c == '[') {
      key = put_bracket(w, key, why);
      if (!key)
        return -EINVAL;
    } else if (c == '(' && *key == '?') {
      if (key[1] != ':') {
        *why = "a group that starts with '(?'";
        return -EINVAL;
      }
      put_char(w, '(');
      key += 2;
    } else if (c == '{' || c == '}') {
      *why = "a counted repeat";
      return -EINVAL;
    } else {
      put_char(w, c);
    }
  }
  if (depth) {
    *why = "parentheses that do not match";
    return -EINVAL;
  }
  return 0;
}

int shira_pattern_compile(const char *key, regex_t *regex, const char **why) {
  struct writer w = {.n = 0};
  if (strlen(key) > MAX_KEY) {
    *why = "it is longer than 512 characters";
    return -EINVAL;
  }
  put(&w, "^(.*\\.)?(");
  if (translate(key, &w, why))
    return -EINVAL;
  put(&w, ")$");
  if (regcomp(regex, w.text, REG_EXTENDED | REG_NOSUB)) {
    *why = "it is not a regular expression";
    return -EINVAL;
  }
  return 0;
}

bool shira_pattern_match(const regex_t *regex, const char *module) {
  return regexec(regex, module, 0, NULL, 0) == 0;
}
