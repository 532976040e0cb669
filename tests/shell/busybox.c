/* busybox.c - see busybox.h. The only place in the tests that starts processes. */
#define _XOPEN_SOURCE 700 /* nftw */
#include "busybox.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS_MAX = 10, PATH_BYTES = 320, OUTPUT_MAX = 1 << 20 };

static void path_of(const struct busybox *b, const char *name, char ret[PATH_BYTES])
{
    snprintf(ret, PATH_BYTES, "%s/%s", b->base, name);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static int open_up(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)ftw;
    return type == FTW_D || type == FTW_DNR ? chmod(path, 0700) : 0;
}

static void remove_tree(const char *path)
{
    nftw(path, open_up, 16, FTW_PHYS);
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void fresh_directory(const struct busybox *b, const char *name)
{
    char path[PATH_BYTES];
    path_of(b, name, path);
    remove_tree(path);
    mkdir(path, 0755);
}

static void redirect(int fd, const char *path, int flags)
{
    int opened = open(path, flags, 0600);
    if (opened < 0 || dup2(opened, fd) < 0)
        _exit(126);
    if (opened != fd)
        close(opened);
}

/* In the child: nothing of the caller's gets through. */
static void become(const struct busybox *b, const char *const argv[])
{
    char path[PATH_BYTES], home[PATH_BYTES + 8], search[PATH_BYTES + 8];
    sigset_t none;

    setsid();
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_DFL);
    umask(022);
    redirect(0, "/dev/null", O_RDONLY);
    path_of(b, "out", path);
    redirect(1, path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
    path_of(b, "err", path);
    redirect(2, path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
    for (int fd = 3; fd < 256; fd++)
        close(fd);
    path_of(b, "work", path);
    if (chdir(path))
        _exit(126);
    path_of(b, "root", path);
    snprintf(home, sizeof home, "HOME=%s", path);
    path_of(b, "bin", path);
    snprintf(search, sizeof search, "PATH=%s", path);
    alarm(SECONDS_MAX); /* kept by exec: what hangs dies of SIGALRM */
    execve(b->program, (char *const *)argv, (char *[]){home, search, NULL});
    _exit(127);
}

/* Its wait status; nothing it started is left. */
static int run(const struct busybox *b, const char *const argv[])
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0)
        become(b, argv);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return 127 << 8;
    kill(-pid, SIGKILL);
    return status;
}

/* The file's text without the base directory's name. */
static const char *output_of(const struct busybox *b, struct arena *a, const char *name)
{
    char path[PATH_BYTES];
    size_t base = strlen(b->base), n = 0;
    path_of(b, name, path);
    FILE *in = fopen(path, "rb");
    if (!in)
        return "";
    char *text = arena_alloc(a, OUTPUT_MAX + 1);
    size_t got = fread(text, 1, OUTPUT_MAX, in);
    fclose(in);
    text[got] = '\0';
    for (size_t i = 0; i < got;) {
        if (strncmp(text + i, b->base, base) == 0)
            i += base;
        else
            text[n++] = text[i++];
    }
    text[n] = '\0';
    return text;
}

bool busybox_init(struct busybox *b, const char *program)
{
    const char *tmp = getenv("TMPDIR");
    char made[PATH_BYTES], bin[PATH_BYTES], *real;

    *b = (struct busybox){.program = program};
    snprintf(made, sizeof made, "%s/podsim-shell-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(made) || !(real = realpath(made, NULL))) {
        printf("# no temporary directory: %s\n", made);
        return false;
    }
    snprintf(b->base, sizeof b->base, "%s", real);
    free(real);
    fresh_directory(b, "bin");
    fresh_directory(b, "root");
    fresh_directory(b, "work");
    path_of(b, "bin", bin);
    if (run(b, (const char *const[]){"busybox", "--install", "-s", bin, NULL}) == 0)
        return true;
    printf("# %s --install does not work\n", program);
    return false;
}

void busybox_fini(struct busybox *b)
{
    if (b->base[0])
        remove_tree(b->base);
}

void busybox_run(struct busybox *b, struct arena *a, const char *script, struct shell_result *ret)
{
    fresh_directory(b, "work");
    fresh_directory(b, "root");
    int status = run(b, (const char *const[]){"sh", "-c", script, NULL});
    ret->out = output_of(b, a, "out");
    ret->err = output_of(b, a, "err");
    ret->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
