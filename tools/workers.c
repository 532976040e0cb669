/* workers.c - processes that share out numbered jobs. */
#include "tools/workers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "tools/files.h"

enum { READ_MAX = 64 * 1024, SAID_MAX = 64 * 1024, TICK_MS = 100, IDLE = 0 };

/* In memory that all processes share: what a worker is at, for the parent to know when it dies or takes too long. */
struct desk {
    _Atomic uint32_t job; /* 1 + its number; IDLE = none */
    _Atomic int64_t since;
};

struct shared {
    _Atomic uint32_t next; /* job to be taken */
    _Atomic bool over;     /* the parent wants no more */
    struct desk desks[];
};

/* Before each result in the pipe. */
struct parcel {
    uint32_t job, bytes;
    int64_t wall_ns;
};

struct worker {
    pid_t pid; /* 0 = there is none */
    int results, said_fd;
    struct strbuf inbox, said;
    bool timed_out;
};

struct pool_of_workers {
    const struct workers *w;
    struct shared *shared;
    size_t shared_bytes;
    struct worker *workers;
    bool *delivered; /* [jobs] */
    uint32_t alive;
};

int64_t wall_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * SIM_SECOND + t.tv_nsec;
}

/* ---- in a worker ---- */

static void die_with_parent(pid_t parent)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent)
        _exit(0);
}

static _Noreturn void work(const struct workers *w, struct shared *shared, struct desk *desk, int results)
{
    struct strbuf out = STRBUF_INIT;
    for (;;) {
        uint32_t job = atomic_fetch_add(&shared->next, 1);
        if (job >= w->jobs)
            _exit(0);
        int64_t began = wall_now();
        atomic_store(&desk->since, began);
        atomic_store(&desk->job, job + 1);
        strbuf_reset(&out);
        strbuf_fill(&out, 0, sizeof(struct parcel)); /* one write for both */
        w->work(w->ctx, job, &out);
        struct parcel head = {job, (uint32_t)(out.len - sizeof head), wall_now() - began};
        memcpy(out.data, &head, sizeof head);
        if (write_all(results, out.data, out.len) < 0)
            _exit(0); /* nobody listens any more */
        atomic_store(&desk->job, IDLE);
    }
}

/* For the signal handler of a worker. */
static struct shared *worker_shared;

static void end_if_over(int number)
{
    (void)number;
    if (atomic_load(&worker_shared->over))
        _exit(0);
}

/* Signals that end the parent may come to the whole group. What comes of them is for the parent to say. */
static void heed_the_parent_only(struct shared *shared)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = end_if_over, .sa_flags = SA_RESTART};
    worker_shared = shared;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        sigaction(numbers[i], &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Standard output and error go where the parent can hear them, should the worker die. */
static _Noreturn void begin_work(struct pool_of_workers *p, uint32_t index, int results, int said, pid_t parent)
{
    heed_the_parent_only(p->shared);
    die_with_parent(parent);
    for (uint32_t i = 0; i < p->w->count; i++) {
        if (p->workers[i].pid) {
            close(p->workers[i].results);
            close(p->workers[i].said_fd);
        }
    }
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null >= 0)
        dup2(null, STDIN_FILENO);
    dup2(said, STDOUT_FILENO);
    dup2(said, STDERR_FILENO);
    work(p->w, p->shared, &p->shared->desks[index], results);
}

/* ---- in the parent ---- */

static void unblock(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

static int start_worker(struct pool_of_workers *p, uint32_t index)
{
    int results[2], said[2];
    struct worker *k = &p->workers[index];
    if (pipe(results) < 0)
        return -1;
    if (pipe(said) < 0) {
        close(results[0]);
        close(results[1]);
        return -1;
    }
    atomic_store(&p->shared->desks[index].job, IDLE);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        close(results[0]);
        close(said[0]);
        begin_work(p, index, results[1], said[1], parent);
    }
    int saved = errno;
    close(results[1]);
    close(said[1]);
    if (pid < 0) {
        close(results[0]);
        close(said[0]);
        errno = saved;
        return -1;
    }
    unblock(results[0]);
    unblock(said[0]);
    k->pid = pid;
    k->results = results[0];
    k->said_fd = said[0];
    k->timed_out = false;
    strbuf_reset(&k->inbox);
    strbuf_reset(&k->said);
    p->alive++;
    return 0;
}

/* Everything that can be read now. False at the end of the pipe. */
static bool receive(int fd, struct strbuf *into)
{
    static char bytes[READ_MAX];
    for (;;) {
        ssize_t n = read(fd, bytes, sizeof bytes);
        if (n > 0)
            strbuf_add(into, bytes, (size_t)n);
        else if (n == 0)
            return false;
        else if (errno != EINTR)
            return errno == EAGAIN || errno == EWOULDBLOCK;
    }
}

static void keep_last(struct strbuf *said)
{
    if (said->len <= SAID_MAX)
        return;
    memmove(said->data, said->data + said->len - SAID_MAX, SAID_MAX);
    said->len = SAID_MAX;
    said->data[SAID_MAX] = '\0';
}

static void unpack(struct pool_of_workers *p, struct strbuf *inbox)
{
    size_t at = 0;
    struct parcel head;
    while (inbox->len - at >= sizeof head) {
        memcpy(&head, inbox->data + at, sizeof head);
        if (inbox->len - at - sizeof head < head.bytes)
            break;
        ASSERT(head.job < p->w->jobs);
        ASSERT(!p->delivered[head.job]);
        p->delivered[head.job] = true;
        p->w->done(p->w->ctx, head.job, inbox->data + at + sizeof head, head.bytes, head.wall_ns);
        at += sizeof head + head.bytes;
    }
    if (at == 0)
        return;
    memmove(inbox->data, inbox->data + at, inbox->len - at);
    inbox->len -= at;
    inbox->data[inbox->len] = '\0';
}

/* The worker's pipe has ended: it is finished, or it died over a job. */
static void bury(struct pool_of_workers *p, uint32_t index)
{
    struct worker *k = &p->workers[index];
    int status = 0;
    receive(k->said_fd, &k->said);
    keep_last(&k->said);
    while (waitpid(k->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    close(k->results);
    close(k->said_fd);
    k->pid = 0;
    p->alive--;
    uint32_t job = atomic_load(&p->shared->desks[index].job);
    if (job == IDLE || p->delivered[job - 1])
        return;
    p->delivered[job - 1] = true;
    struct worker_death how = {.timed_out = k->timed_out,
                               .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
                               .exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
                               .said = strbuf_str(&k->said),
                               .wall_ns = wall_now() - atomic_load(&p->shared->desks[index].since)};
    p->w->died(p->w->ctx, job - 1, &how);
}

/* Kills who has been at a job for too long; returns for how many ms it need not be asked again. */
static int kill_the_slow(struct pool_of_workers *p)
{
    const int64_t ms = 1000 * 1000;
    int64_t now = wall_now(), next = TICK_MS * ms;
    for (uint32_t i = 0; p->w->max_wall_ns && i < p->w->count; i++) {
        struct worker *k = &p->workers[i];
        uint32_t job = atomic_load(&p->shared->desks[i].job);
        if (!k->pid || job == IDLE || p->delivered[job - 1] || k->timed_out)
            continue;
        int64_t left = atomic_load(&p->shared->desks[i].since) + p->w->max_wall_ns - now;
        if (left <= 0) {
            k->timed_out = true;
            kill(k->pid, SIGKILL);
        } else if (left < next) {
            next = left;
        }
    }
    return (int)(next / ms) + 1;
}

/* True when it is gone. */
static bool reap(struct pool_of_workers *p, struct worker *k, int flags)
{
    pid_t pid;
    while ((pid = waitpid(k->pid, NULL, flags)) < 0 && errno == EINTR)
        continue;
    if (pid == 0)
        return false;
    close(k->results);
    close(k->said_fd);
    k->pid = 0;
    p->alive--;
    return true;
}

static void signal_all(struct pool_of_workers *p, int number)
{
    for (uint32_t i = 0; i < p->w->count; i++)
        if (p->workers[i].pid)
            kill(p->workers[i].pid, number);
}

/* Asked first: one that is about to replace a file finishes that. */
static void kill_all(struct pool_of_workers *p)
{
    enum { PATIENCE_MS = 300, STEP_MS = 5 };
    atomic_store(&p->shared->over, true);
    signal_all(p, SIGTERM);
    for (int ms = 0; p->alive && ms < PATIENCE_MS; ms += STEP_MS) {
        for (uint32_t i = 0; i < p->w->count; i++)
            if (p->workers[i].pid)
                reap(p, &p->workers[i], WNOHANG);
        if (p->alive)
            poll(NULL, 0, STEP_MS);
    }
    signal_all(p, SIGKILL);
    for (uint32_t i = 0; i < p->w->count; i++)
        if (p->workers[i].pid)
            reap(p, &p->workers[i], 0);
}

/* One look at every worker. */
static void listen_to_workers(struct pool_of_workers *p, struct pollfd *fds)
{
    for (uint32_t i = 0; i < p->w->count; i++) {
        struct worker *k = &p->workers[i];
        fds[2 * i] = (struct pollfd){.fd = k->pid ? k->results : -1, .events = POLLIN};
        fds[2 * i + 1] = (struct pollfd){.fd = k->pid ? k->said_fd : -1, .events = POLLIN};
    }
    if (poll(fds, 2 * p->w->count, kill_the_slow(p)) <= 0)
        return;
    for (uint32_t i = 0; i < p->w->count; i++) {
        struct worker *k = &p->workers[i];
        if (fds[2 * i + 1].revents & POLLIN) {
            receive(k->said_fd, &k->said);
            keep_last(&k->said);
        }
        if (!fds[2 * i].revents)
            continue;
        bool more = receive(k->results, &k->inbox);
        unpack(p, &k->inbox);
        if (!more)
            bury(p, i);
    }
}

static bool jobs_left(const struct pool_of_workers *p) { return atomic_load(&p->shared->next) < p->w->jobs; }

static int supervise(struct pool_of_workers *p)
{
    struct pollfd *fds = calloc(2 * p->w->count, sizeof *fds);
    if (!fds)
        sim_die("out of memory");
    int result = 0;
    while (p->alive && !p->w->enough(p->w->ctx)) {
        listen_to_workers(p, fds);
        for (uint32_t i = 0; i < p->w->count && jobs_left(p); i++)
            if (!p->workers[i].pid && start_worker(p, i) < 0 && p->alive == 0)
                result = -1;
    }
    free(fds);
    kill_all(p);
    return result;
}

int workers_run(const struct workers *w)
{
    struct pool_of_workers p = {.w = w, .shared_bytes = sizeof(struct shared) + w->count * sizeof(struct desk)};
    ASSERT(w->count > 0);
    if (w->jobs == 0)
        return 0;
    p.shared = mmap(NULL, p.shared_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    p.workers = calloc(w->count, sizeof *p.workers);
    p.delivered = calloc(w->jobs, sizeof *p.delivered);
    if (p.shared == MAP_FAILED || !p.workers || !p.delivered)
        sim_die("out of memory");
    int result = 0;
    for (uint32_t i = 0; i < w->count && i < w->jobs; i++)
        if (start_worker(&p, i) < 0)
            result = i ? 0 : -1; /* fewer will do */
    if (result == 0)
        result = supervise(&p);
    int saved = errno;
    for (uint32_t i = 0; i < w->count; i++) {
        strbuf_fini(&p.workers[i].inbox);
        strbuf_fini(&p.workers[i].said);
    }
    free(p.workers);
    free(p.delivered);
    munmap(p.shared, p.shared_bytes);
    errno = saved;
    return result;
}
