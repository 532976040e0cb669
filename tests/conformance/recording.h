/* recording.h - one recorded run, read from its folder (README.md says what the files hold). */
#ifndef TESTS_CONFORMANCE_RECORDING_H
#define TESTS_CONFORMANCE_RECORDING_H

#include "tests/conformance/lines.h"

struct recorded_call { /* one line of runtime.jsonl; `detail` of an output is the line */
    sim_time t, took;
    const char *call, *pod, *container, *detail, *error;
    uint32_t attempt;
};

struct recorded_action {
    sim_time at, done;
    const char *kubectl, *host; /* one of them */
};

struct recorded_probe { /* a readiness probe of the manifest whose runs can be told from those of other probes */
    const char *pod, *container;
    const char *run; /* what a run shows as: the command in ExecSync's detail, or the line the server prints */
    sim_time period;
    bool delayed; /* initialDelaySeconds, or a startup probe before it */
};

struct recorded_loop { /* a container whose shell polls: `while :; do sleep 0.2; done` */
    const char *pod, *container;
    sim_time poll;        /* what it sleeps each time */
    sim_time before, end; /* what it sleeps before the loop, and in the trap for SIGTERM */
    uint32_t programs;    /* that it runs there */
};

struct recording {
    const char *name;
    const char *manifest;
    int minor;         /* of the kubelet */
    sim_time fraction; /* how far into a second of the API's clock t = 0 was */
    sim_time end;      /* of the last thing recorded */
    struct lines lines;
    LIST_OF(struct recorded_call) calls;
    LIST_OF(struct recorded_action) actions;
    LIST_OF(struct recorded_probe) readiness;
    LIST_OF(struct recorded_loop) loops;
};

/* 0, or -1 and a message on standard output. */
int recording_read(struct arena *a, const char *directory, const char *name, struct recording *ret_recording);
/* Is it of the instant at which its object was created? */
bool created_then(const struct recording *r, const struct line *l);
/* The whole file in `a`, or NULL. */
char *read_text(struct arena *a, const char *path, size_t *ret_len);

#endif
