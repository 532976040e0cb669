/* programs_server.h - private to programs_server.c and programs_web.c: a server's row. */
#ifndef MODEL_PROGRAMS_SERVER_H
#define MODEL_PROGRAMS_SERVER_H

#include "model/process.h"

struct server_data {
    bool begun, listening;
    int32_t port, second_port; /* 0: none */
    bool tls;
    enum { HEALTH_UNTOLD, HEALTH_SERVING, HEALTH_NOT_SERVING } told; /* agnhost grpc-health-checking */
    int mode;     /* per server */
    sim_time ready_at;
};

struct server {
    struct program program;       /* step = server_step */
    int32_t port;                 /* 0: the image's */
    bool any_port;                /* accepts on every port: podsim does not know which */
    int on_term, on_int, on_quit; /* exit code; -1: no effect */
    const char *banner;           /* printed when it listens */
    int banner_fd;                /* 0 = standard output */
    const char *in_use;           /* what it prints when its port is taken, %d = the port; NULL = as Go programs do */
    int in_use_code;              /* what it exits with then; 0 = 1 */
    bool (*arguments)(struct cri *c, struct proc *p, struct server_data *d); /* false: it exits with p->exit_code */
    void (*farewell)(struct cri *c, struct proc *p, int number);
};

enum step server_step(struct cri *c, struct proc *p);
void server_say(struct cri *c, struct proc *p, const struct server *s);
/* The one line of a request in the server's log, with the time as of strftime between its parts. The reply, if it is
 * sure to be repeated but for that, lasts. */
void server_log(struct cri *c, struct proc *p, int fd, const char *before, const char *date, const char *after,
                struct http_reply *reply);

extern const struct server server_generic;
extern const struct program program_nginx, program_httpd, program_busybox_httpd;
extern const struct server server_httpbin;

#endif
