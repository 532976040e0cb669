/* child.c - child.h, by posix_spawn() and poll(). */
#include "tools/child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct pipes {
    int input[2], output[2], errors[2];
};

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_all(struct pipes *p)
{
    for (int i = 0; i < 2; i++) {
        close_one(&p->input[i]);
        close_one(&p->output[i]);
        close_one(&p->errors[i]);
    }
}

static int open_all(struct pipes *p)
{
    *p = (struct pipes){{-1, -1}, {-1, -1}, {-1, -1}};
    if (pipe(p->input) == 0 && pipe(p->output) == 0 && pipe(p->errors) == 0)
        return 0;
    close_all(p);
    return -1;
}

static int start(const char *const *argv, struct pipes *p, pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, p->input[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, p->output[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, p->errors[1], STDERR_FILENO);
    for (int i = 0; i < 2; i++) {
        posix_spawn_file_actions_addclose(&actions, p->input[i]);
        posix_spawn_file_actions_addclose(&actions, p->output[i]);
        posix_spawn_file_actions_addclose(&actions, p->errors[i]);
    }
    int error = posix_spawnp(ret_pid, argv[0], &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* What can be read, once; false at the end. */
static bool take(int fd, struct strbuf *out)
{
    char bytes[65536];
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN;
    strbuf_add(out, bytes, (size_t)n);
    return n > 0;
}

/* Feeds and reads at once, so that neither side waits for the other. */
static void talk(struct pipes *p, const struct strbuf *input, struct strbuf *output, struct strbuf *errors)
{
    size_t sent = 0;
    while (p->output[0] >= 0 || p->errors[0] >= 0) {
        struct pollfd fds[] = {{p->input[1], POLLOUT, 0}, {p->output[0], POLLIN, 0}, {p->errors[0], POLLIN, 0}};
        if (poll(fds, 3, -1) < 0 && errno != EINTR)
            break;
        if (p->input[1] >= 0 && fds[0].revents) {
            ssize_t n = write(p->input[1], strbuf_str(input) + sent, input->len - sent);
            sent += n > 0 ? (size_t)n : 0;
            if ((n < 0 && errno != EINTR && errno != EAGAIN) || sent == input->len)
                close_one(&p->input[1]);
        }
        if (p->output[0] >= 0 && fds[1].revents && !take(p->output[0], output))
            close_one(&p->output[0]);
        if (p->errors[0] >= 0 && fds[2].revents && !take(p->errors[0], errors))
            close_one(&p->errors[0]);
    }
}

enum child_result child_run(const char *const *argv, const struct strbuf *input, struct strbuf *ret_output,
                            struct strbuf *ret_errors)
{
    struct pipes p;
    pid_t pid;
    int status;
    if (open_all(&p) < 0)
        return CHILD_FAILED;
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    sigaction(SIGPIPE, &ignore, &before); /* it may end before it has read everything */
    int error = start(argv, &p, &pid);
    close_one(&p.input[0]);
    close_one(&p.output[1]);
    close_one(&p.errors[1]);
    if (error == 0)
        talk(&p, input, ret_output, ret_errors);
    close_all(&p);
    sigaction(SIGPIPE, &before, NULL);
    if (error)
        return error == ENOENT ? CHILD_MISSING : CHILD_FAILED;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return CHILD_FAILED;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0     ? CHILD_OK
           : WIFEXITED(status) && WEXITSTATUS(status) == 127 ? CHILD_MISSING
                                                             : CHILD_FAILED;
}
