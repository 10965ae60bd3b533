#include "host/report/svg.h"

#include <errno.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

void svg_text(const char *text, FILE *script) {
  for (; *text; text++) {
    unsigned char c = (unsigned char)*text;
    bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                 strchr(" .,:+-_/()=%", c);
    fputc(plain ? c : '?', script);
  }
}

// gnuplot -d: without the user's own settings, so that the picture is the same everywhere.
static int run(FILE *script, FILE *drawn, FILE *said, struct shira_error *err) {
  char *const argv[] = {"gnuplot", "-d", NULL};
  posix_spawn_file_actions_t io;
  if (posix_spawn_file_actions_init(&io))
    return shira_fail(err, ENOMEM, "out of memory");
  posix_spawn_file_actions_adddup2(&io, fileno(script), 0);
  posix_spawn_file_actions_adddup2(&io, fileno(drawn), 1);
  posix_spawn_file_actions_adddup2(&io, fileno(said), 2);
  pid_t child;
  int rc = posix_spawnp(&child, argv[0], &io, NULL, argv, environ);
  posix_spawn_file_actions_destroy(&io);
  if (rc == ENOENT)
    return shira_fail(err, ENOENT, "gnuplot is not installed: the report has no pictures");
  if (rc)
    return shira_fail(err, EIO, "cannot start gnuplot: %s", strerror(rc));
  int status;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      return shira_fail(err, EIO, "cannot wait for gnuplot: %s", strerror(errno));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
    return shira_fail(err, ENOENT, "gnuplot is not installed: the report has no pictures");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return 0;
  char words[400];
  rewind(said);
  size_t n = fread(words, 1, sizeof(words) - 1, said);
  words[n] = 0;
  for (char *p = words; *p; p++)
    if (*p == '\n')
      *p = ' ';
  return shira_fail(err, EIO, "gnuplot failed: %s", words);
}

// One line of gnuplot's SVG: names of tools and of name spaces go, ids become this picture's.
static void copy_line(char *line, const char *prefix, FILE *out) {
  static const char *const drop[] = {"xmlns", "<title>Gnuplot", "<desc>"};
  static const char *const reference[] = {"id='", "id=\"", "href='#", "url(#"};
  for (size_t i = 0; i < sizeof(drop) / sizeof(drop[0]); i++)
    if (strstr(line, drop[i])) {
      if (strchr(line, '>') && !strstr(line, "</"))
        fputs(">\n", out);
      return;
    }
  char *title = strstr(line, "<title>"), *end = title ? strstr(title, "</title>") : NULL;
  if (end)
    memmove(title, end + 8, strlen(end + 8) + 1);
  for (const char *p = line; *p;) {
    size_t i = 0, n = sizeof(reference) / sizeof(reference[0]);
    while (i < n && strncmp(p, reference[i], strlen(reference[i])))
      i++;
    if (i < n) {
      fprintf(out, "%s%s-", reference[i], prefix);
      p += strlen(reference[i]);
    } else {
      fputc(*p++, out);
    }
  }
}

static int copy(FILE *drawn, const char *prefix, const char *label, FILE *out,
                struct shira_error *err) {
  char *line = NULL;
  size_t size = 0;
  bool inside = false, ended = false;
  rewind(drawn);
  while (getline(&line, &size, drawn) > 0) {
    if (!inside && !strncmp(line, "<svg", 4)) {
      inside = true;
      fprintf(out, "<svg role=\"img\" aria-label=\"%s\"\n", label);
    } else if (inside) {
      copy_line(line, prefix, out);
      ended = ended || strstr(line, "</svg>");
    }
  }
  free(line);
  return ended ? 0 : shira_fail(err, EIO, "gnuplot drew nothing");
}

int svg_draw(FILE *script, const char *prefix, const char *label, FILE *out,
             struct shira_error *err) {
  FILE *drawn = tmpfile(), *said = tmpfile();
  int rc = 0;
  if (!drawn || !said)
    rc = shira_fail(err, errno, "cannot make a temporary file: %s", strerror(errno));
  if (!rc && (fflush(script) || fseek(script, 0, SEEK_SET)))
    rc = shira_fail(err, EIO, "cannot write a temporary file: %s", strerror(errno));
  if (!rc)
    rc = run(script, drawn, said, err);
  if (!rc)
    rc = copy(drawn, prefix, label, out, err);
  if (drawn)
    fclose(drawn);
  if (said)
    fclose(said);
  return rc;
}
