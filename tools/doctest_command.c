/* doctest_command.c - see doctest_command.h. */
#define _XOPEN_SOURCE 700 /* nftw() */
#include "tools/doctest_command.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tools/interrupt.h"

enum { WORDS_MAX = 200, SECONDS_MAX = 60, OUTPUT_MAX = 16 << 20, EXIT_CANNOT_START = 127 };

/* Programs that show and arrange files, and the words that make them do so as on a terminal. */
static const struct program {
    const char *name, *option;
} programs[] = {{"cat", NULL}, {"ls", "-C"},   {"mkdir", NULL}, {"rm", NULL},   {"cp", NULL},
                {"mv", NULL},  {"diff", NULL}, {"grep", NULL},  {"head", NULL}, {"tail", NULL}};
const char doctest_programs[] = "cat, ls, mkdir, rm, cp, mv, diff, grep, head, tail";

/* ---- words ---- */

struct words {
    char *items[WORDS_MAX + 2]; /* NULL after the last */
    uint32_t count, settings;   /* of them, at the beginning: NAME=VALUE */
    char *redirect;             /* > FILE; NULL = none */
};

static bool is_setting(const char *word)
{
    size_t n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
    return n && word[n] == '=';
}

static int needs_shell(char c, struct strbuf *why)
{
    strbuf_printf(why, "'%c' wants a shell: doctest runs single commands, other lines with --allow-shell", c);
    return -1;
}

/* One word from *at on, without its quotes, to `word`. */
static int read_word(const char **at, char *word, struct strbuf *why)
{
    const char *c = *at;
    size_t n = 0;
    char quote = '\0';
    for (; *c && (quote || (*c != ' ' && *c != '\t' && *c != '>')); c++) {
        if (quote ? *c == quote : *c == '"' || *c == '\'')
            quote = quote ? '\0' : *c;
        else if (*c == '\\' && quote != '\'' && c[1])
            word[n++] = *++c;
        else if (quote != '\'' && strchr(quote ? "$`" : "$`|&;<()*?", *c))
            return needs_shell(*c, why);
        else
            word[n++] = *c;
    }
    word[n] = '\0';
    *at = c;
    if (quote)
        strbuf_printf(why, "a quote (%c) is not closed", quote);
    return quote ? -1 : 0;
}

static int split(struct arena *a, const char *line, struct words *ret, struct strbuf *why)
{
    *ret = (struct words){0};
    for (line += strspn(line, " \t"); *line; line += strspn(line, " \t")) {
        char *word = arena_alloc(a, strlen(line) + 1);
        bool redirect = *line == '>';
        if (redirect)
            line += 1 + strspn(line + 1, " \t");
        if (ret->count == WORDS_MAX) {
            strbuf_puts(why, "too many words");
            return -1;
        }
        if (ret->redirect || (redirect && (!*line || *line == '>')))
            return needs_shell('>', why);
        if (read_word(&line, word, why) < 0)
            return -1;
        if (redirect)
            ret->redirect = word;
        else
            ret->items[ret->count++] = word;
        if (!redirect && ret->settings + 1 == ret->count && is_setting(word))
            ret->settings++;
    }
    return 0;
}

static const struct program *program(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(programs); i++)
        if (strcmp(programs[i].name, name) == 0)
            return &programs[i];
    return NULL;
}

enum doctest_command_kind doctest_command_kind(const char *line)
{
    char name[32];
    for (;;) {
        line += strspn(line, " \t");
        size_t n = strcspn(line, " \t");
        if (n == 0 || n >= sizeof name)
            return DOCTEST_OTHER;
        memcpy(name, line, n);
        name[n] = '\0';
        if (!is_setting(name))
            break;
        line += n;
    }
    if (strcmp(line, "echo $?") == 0)
        return DOCTEST_STATUS;
    return strcmp(name, "podsim") == 0 ? DOCTEST_PODSIM : program(name) ? DOCTEST_PROGRAM : DOCTEST_OTHER;
}

/* Files beyond the document's directory are nobody's business. */
static int check_paths(const struct words *w, struct strbuf *why)
{
    for (uint32_t i = w->settings; i <= w->count; i++) {
        const char *word = i < w->count ? w->items[i] : w->redirect;
        if (!word || (word[0] != '/' && !strstr(word, "../") && strcmp(word, "..") != 0))
            continue;
        strbuf_printf(why, "%s: a document's commands stay in its own directory", word);
        return -1;
    }
    return 0;
}

/* ---- the place ---- */

static char *text_of(const char *directory, const char *name)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_printf(&b, "%s%s", directory, name);
    return b.data;
}

static int link_podsim(const char *root)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n < 0)
        return -1;
    self[n] = '\0';
    char *bin = text_of(root, "/bin"), *name = text_of(root, "/bin/podsim");
    int result = mkdir(bin, 0700) < 0 || symlink(self, name) < 0 ? -1 : 0;
    free(bin);
    free(name);
    return result;
}

int doctest_place_init(struct doctest_place *p)
{
    enum { RANDOM_PART = 6 };
    const char *tmp = getenv("TMPDIR");
    struct strbuf root = STRBUF_INIT;
    strbuf_printf(&root, "%s/podsim-doctest-", tmp && *tmp ? tmp : "/tmp");
    strbuf_fill(&root, 'X', RANDOM_PART); /* for mkdtemp() */
    *p = (struct doctest_place){.root = root.data};
    if (!mkdtemp(p->root)) {
        free(p->root);
        *p = (struct doctest_place){0};
        return -1;
    }
    p->directory = text_of(p->root, "/work");
    p->aside = text_of(p->root, "/aside");
    if (mkdir(p->directory, 0700) < 0 || mkdir(p->aside, 0700) < 0 || link_podsim(p->root) < 0) {
        int saved = errno;
        doctest_place_fini(p, false);
        errno = saved;
        return -1;
    }
    return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void doctest_place_fini(struct doctest_place *p, bool keep)
{
    enum { DESCRIPTORS = 16 };
    if (p->root && !keep)
        (void)nftw(p->root, remove_entry, DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
    free(p->root);
    free(p->directory);
    free(p->aside);
    *p = (struct doctest_place){0};
}

/* ---- a process ---- */

static _Noreturn void cannot(const char *what)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "%s: %s\n", what, strerror(errno));
    ssize_t done = write(STDERR_FILENO, strbuf_str(&text), text.len);
    _exit(done < 0 ? EXIT_CANNOT_START + 1 : EXIT_CANNOT_START);
}

/* The same for everybody: nothing of the caller's but where programs are. */
static void set_environment(const struct doctest_place *p, const struct words *w)
{
    const char *path = getenv("PATH");
    char *own = text_of(p->root, "/bin:"), *all = text_of(own, path && *path ? path : "/usr/bin:/bin");
    clearenv();
    setenv("PATH", all, 1);
    setenv("HOME", p->root, 1);
    setenv("TMPDIR", p->aside, 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("TZ", "UTC", 1);
    setenv("COLUMNS", "100", 1);
    for (uint32_t i = 0; i < w->settings; i++)
        putenv(w->items[i]);
}

static _Noreturn void child(const struct doctest_place *p, const char *directory, struct words *w, int output)
{
    char *const *argv = w->items + w->settings;
    signal(SIGPIPE, SIG_DFL); /* what is ignored stays so beyond exec */
    signal(SIGXFSZ, SIG_DFL);
    setpgid(0, 0);
    if (chdir(directory) < 0)
        cannot(directory);
    int input = open("/dev/null", O_RDONLY);
    int file = w->redirect ? open(w->redirect, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : output;
    if (file < 0)
        cannot(w->redirect);
    if (dup2(input, STDIN_FILENO) < 0 || dup2(file, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
        cannot("dup2");
    set_environment(p, w);
    execvp(argv[0], argv);
    cannot(argv[0]);
}

static int64_t milliseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Reads until the process closes its end. What speaks against waiting longer; NULL = it has ended. */
static const char *read_output(int fd, struct strbuf *out)
{
    int64_t end = milliseconds() + SECONDS_MAX * 1000;
    char bytes[65536];
    for (;;) {
        int64_t left = end - milliseconds();
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        int ready = left > 0 && !interrupted() ? poll(&poll_fd, 1, (int)left) : 0;
        if (interrupted())
            return "interrupted";
        if (ready == 0)
            return "it did not end within a minute";
        ssize_t n = ready > 0 ? read(fd, bytes, sizeof bytes) : -1;
        if (n == 0)
            return NULL;
        if (n < 0 && errno != EINTR)
            return strerror(errno);
        if (n > 0)
            strbuf_add(out, bytes, (size_t)n);
        if (out->len > OUTPUT_MAX)
            return "it printed more than 16 MiB";
    }
}

static int finish(pid_t pid, const char *against, struct strbuf *why)
{
    int status = 0;
    if (against)
        kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (against)
        strbuf_puts(why, against);
    else if (WIFSIGNALED(status))
        strbuf_printf(why, "it was ended by signal %d", WTERMSIG(status));
    return why->len ? -1 : WEXITSTATUS(status);
}

static int start(const struct doctest_place *p, const char *directory, struct words *w, struct strbuf *out,
                 struct strbuf *why)
{
    int ends[2];
    if (pipe(ends) < 0 || fcntl(ends[0], F_SETFD, FD_CLOEXEC) < 0 || fcntl(ends[1], F_SETFD, FD_CLOEXEC) < 0) {
        strbuf_puts(why, strerror(errno));
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0)
        child(p, directory, w, ends[1]);
    close(ends[1]);
    if (pid < 0) {
        strbuf_puts(why, strerror(errno));
        close(ends[0]);
        return -1;
    }
    const char *against = read_output(ends[0], out);
    close(ends[0]);
    return finish(pid, against, why);
}

static void add_option(struct words *w, const char *option)
{
    uint32_t at = w->settings + 1;
    memmove(&w->items[at + 1], &w->items[at], (w->count - at) * sizeof *w->items);
    w->items[at] = (char *)(uintptr_t)option;
    w->count++;
}

int doctest_run(const struct doctest_place *p, const char *directory, const char *line, bool any_command,
                struct strbuf *out, struct strbuf *why)
{
    struct arena a;
    struct words w;
    enum doctest_command_kind kind = doctest_command_kind(line);
    int code = -1;
    arena_init(&a, 0);
    if (any_command) {
        w = (struct words){.items = {arena_strdup(&a, "/bin/sh"), arena_strdup(&a, "-c"), arena_strdup(&a, line)},
                           .count = 3};
        code = start(p, directory, &w, out, why);
    } else if (kind == DOCTEST_OTHER) {
        strbuf_printf(why, "doctest runs podsim, %s; other commands with --allow-shell", doctest_programs);
    } else if (split(&a, line, &w, why) == 0 && check_paths(&w, why) == 0) {
        const struct program *known = program(w.items[w.settings]);
        if (known && known->option && !w.redirect)
            add_option(&w, known->option);
        code = start(p, directory, &w, out, why);
    }
    arena_fini(&a);
    return code;
}
