// Keys of rank_pattern and alpha_pattern: regular expressions of Python's `re`, by way of POSIX.
#ifndef SHIRA_ADAPTER_PATTERN_H
#define SHIRA_ADAPTER_PATTERN_H

#include <regex.h>
#include <stdbool.h>

// Compiles `^(.*\.)?(KEY)$`. Returns 0, or -EINVAL with *why (static) where KEY uses what the two
// languages do not share: lookaround, named groups, backreferences, counted or lazy repeats, flags.
// Free with regfree.
int shira_pattern_compile(const char *key, regex_t *regex, const char **why);

bool shira_pattern_match(const regex_t *regex, const char *module);

#endif
