/* programs_server.h - private to programs of servers: their common life (programs_server.c), a server's row.
 *
 *   programs_server.c    databases and the like; the server of an unknown image
 *   programs_agnhost.c   the liveness sample and agnhost
 *   programs_script.c    interpreters: python, node, java ...
 *   programs_web.c       nginx, httpd
 */
#ifndef MODEL_PROGRAMS_SERVER_H
#define MODEL_PROGRAMS_SERVER_H

#include "model/process.h"

enum { SERVER_PORTS_MAX = 16 };
struct server_data {
    bool begun, listening;
    int32_t ports[SERVER_PORTS_MAX]; /* chosen when it begins; `arguments` may change them */
    uint32_t port_count;
    bool any_port; /* accepts on every port: nobody says which */
    bool tls;
    bool told, told_serving; /* agnhost grpc-health-checking */
    int mode;                /* per server */
    sim_time ready_at;
    sim_time end_at; /* it ends then, with end_code; 0 = it does not */
    int end_code;
};

struct server {
    struct program program;       /* step = server_step */
    int32_t port;                 /* where the image does not say; 0 = nowhere */
    bool port_of_manifest;        /* where neither says: the ports that the manifest names, or any */
    int on_term, on_int, on_quit; /* exit code; -1: no effect */
    const char *banner;           /* printed when it listens */
    int banner_fd;                /* 0 = standard output */
    const char *in_use;           /* what it prints when its port is taken, %d = the port; NULL = as Go programs do */
    int in_use_code;              /* what it exits with then; 0 = 1 */
    bool (*arguments)(struct cri *c, struct proc *p, struct server_data *d); /* false: it exits with p->exit_code */
    /* Before it exits because of the signal. True: not now, it has set d->end_at. */
    bool (*farewell)(struct cri *c, struct proc *p, struct server_data *d, int number);
};

enum step server_step(struct cri *c, struct proc *p);
void server_say(struct cri *c, struct proc *p, const struct server *s);
/* The one line of a request in the server's log, with the time as of strftime between its parts. The reply, if it is
 * sure to be repeated but for that, lasts. */
void server_log(struct cri *c, struct proc *p, int fd, const char *before, const char *date, const char *after,
                struct http_reply *reply);
/* Answers 200 to everything. */
void server_ok(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply);
/* The one port it listens on. */
static inline void server_set_port(struct server_data *d, int32_t port)
{
    d->ports[0] = port;
    d->port_count = port != 0;
    d->any_port = false;
}
/* The ports that the container's manifest names: its own, those of probes and hooks; false = none. */
bool server_manifest_ports(const struct vcontainer *ct, struct server_data *d);
/* Says once per image and command what is taken for granted. */
void server_assumed(struct cri *c, struct proc *p, const struct server_data *d, const char *what);

/* What `name` of an unknown image is known to be: the interpreter "python3.11"; or NULL. */
const struct program *script_program(const char *name);

/* ---- arguments and requests ---- */
/* "-name value", "--name=value" */
const char *option_value(const struct proc *p, const char *name, const char *otherwise);
int32_t port_value(const struct proc *p, const char *name, const char *otherwise);
size_t path_length(const char *path); /* without its query */
bool is_path(const char *path, const char *want);
void go_not_found(struct http_reply *reply);

#define CATCHES_STOP (SIG_BIT(VSIGTERM) | SIG_BIT(VSIGINT) | SIG_BIT(VSIGQUIT))
#define SERVER(text, catches_, flags_, serve_)                                                                         \
    .program = {.name = text,                                                                                          \
                .step = server_step,                                                                                   \
                .data_bytes = sizeof(struct server_data),                                                              \
                .catches = catches_,                                                                                   \
                .flags = flags_,                                                                                       \
                .serve = serve_}

extern const struct server server_generic, server_liveness, server_agnhost;
extern const struct program program_nginx, program_httpd, program_busybox_httpd;
extern const struct program program_stress, program_vish_stress;
extern const struct server server_httpbin;

#endif
