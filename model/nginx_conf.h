/* nginx_conf.h - what nginx reads off its configuration: where its servers listen, and what they answer. */
#ifndef MODEL_NGINX_CONF_H
#define MODEL_NGINX_CONF_H

#include "model/process.h"

enum { NGINX_PORTS_MAX = 16, NGINX_LOCATIONS_MAX = 16 };

struct nginx_location { /* of one server: a directory, or a fixed answer */
    int32_t server;     /* number of its server block */
    const char *path;   /* prefix; "" = the server itself */
    bool exact;         /* location = /x */
    const char *root;   /* NULL = that of the server */
    int32_t status;     /* return CODE; 0 = serves files */
    const char *text;   /* its text or URL */
};

struct nginx_port {
    int32_t port, server; /* the first server block that listens there */
};

struct nginx_conf {
    struct nginx_port *ports;
    struct nginx_location *locations;
    uint32_t port_count, location_count;
    bool missing; /* there is no nginx.conf */
};

/* What it points at is p's. */
void nginx_conf_load(struct cri *c, struct proc *p, struct nginx_conf *ret);
/* For a path without its query; NULL: the default directory. */
const struct nginx_location *nginx_conf_location(const struct nginx_conf *conf, int32_t port, const char *path,
                                                 size_t len);
/* The directory of documents of that location's server. */
const char *nginx_conf_root(const struct nginx_conf *conf, int32_t port, const struct nginx_location *l);

#endif
