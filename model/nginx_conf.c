/* nginx_conf.c - nginx's configuration: /etc/nginx/nginx.conf, and /etc/nginx/conf.d/ if it includes that.
 *
 * Read are listen, root, location (prefix and exact) and return; nginx.org/en/docs/http/ngx_http_core_module.html.
 * Left out on purpose: server names (the first server of a port answers), regular expressions, proxy_pass, try_files,
 * error_page; a location with something else serves its files.
 */
#include "model/nginx_conf.h"

#include <string.h>

#include "model/shell.h"

enum { WORDS_MAX = 6, WORD_BYTES = 200 };

struct reader {
    struct cri *c;
    struct proc *p;
    struct nginx_port ports[NGINX_PORTS_MAX];
    struct nginx_location locations[NGINX_LOCATIONS_MAX];
    uint32_t port_count, location_count;
    int32_t servers;
    const char *at;
    char words[WORDS_MAX][WORD_BYTES]; /* of the directive */
    uint32_t count;
    uint32_t depth, server_depth, location_depth; /* 0 = in none */
    struct nginx_location *location;              /* the server's own at first */
    bool includes;                                /* conf.d */
};

static const char *skip_blanks(const char *s)
{
    for (;;) {
        s += strspn(s, " \t\r\n");
        if (*s != '#')
            return s;
        s += strcspn(s, "\n");
    }
}

static const char *read_word(struct reader *r, const char *s)
{
    char quote = *s == '"' || *s == '\'' ? *s++ : 0, *to = r->count < WORDS_MAX ? r->words[r->count] : NULL;
    size_t n = 0;
    for (; *s && (quote ? *s != quote : !strchr(" \t\r\n;{}", *s)); s++) {
        if (*s == '\\' && s[1])
            s++;
        if (to && n + 1 < WORD_BYTES)
            to[n++] = *s == 'n' && s[-1] == '\\' ? '\n' : *s;
    }
    if (to)
        to[n] = '\0';
    r->count += to != NULL;
    return s + (quote && *s);
}

/* The next directive's words; what ends it: ';', '{', '}' or 0. */
static char next_directive(struct reader *r)
{
    r->count = 0;
    for (;;) {
        const char *s = r->at = skip_blanks(r->at);
        if (!*s)
            return 0;
        if (strchr(";{}", *s)) {
            r->at++;
            return *s;
        }
        r->at = read_word(r, s);
    }
}

static struct nginx_location *add_location(struct reader *r, const char *path)
{
    if (r->location_count == NGINX_LOCATIONS_MAX)
        return NULL;
    struct nginx_location *l = &r->locations[r->location_count++];
    *l = (struct nginx_location){.server = r->servers, .path = path};
    return l;
}

static void add_port(struct reader *r, const char *word)
{
    const char *colon = strrchr(word, ':');
    int64_t port = 0;
    if (strchr(word, '[') || strncmp(word, "unix:", 5) == 0)
        return;
    for (const char *s = colon ? colon + 1 : word; *s >= '0' && *s <= '9' && port < 100000; s++)
        port = port * 10 + (*s - '0');
    for (uint32_t i = 0; i < r->port_count; i++)
        if (r->ports[i].port == port)
            return;
    if (port > 0 && port <= 65535 && r->port_count < NGINX_PORTS_MAX)
        r->ports[r->port_count++] = (struct nginx_port){(int32_t)port, r->servers};
}

static void open_block(struct reader *r)
{
    const char *word = r->count ? r->words[0] : "";
    r->depth++;
    if (strcmp(word, "server") == 0 && r->count == 1) {
        r->servers++;
        r->server_depth = r->depth;
        r->location = add_location(r, "");
    } else if (strcmp(word, "location") == 0 && r->server_depth && r->count > 1) {
        bool exact = strcmp(r->words[1], "=") == 0, modified = r->count > 2;
        bool pattern = modified && r->words[1][0] == '~';
        r->location_depth = r->depth;
        r->location = pattern ? NULL : add_location(r, proc_strdup(r->c, r->p, r->words[modified ? 2 : 1]));
        if (r->location)
            r->location->exact = exact;
    }
}

static void close_block(struct reader *r)
{
    if (r->depth == r->location_depth) { /* what follows is the server's again */
        r->location_depth = 0;
        r->location = NULL;
        for (uint32_t i = 0; i < r->location_count; i++)
            if (r->locations[i].server == r->servers && !*r->locations[i].path)
                r->location = &r->locations[i];
    } else if (r->depth == r->server_depth) {
        r->server_depth = 0;
        r->location = NULL;
    }
    r->depth -= r->depth > 0;
}

static void set_return(struct reader *r, struct nginx_location *l)
{
    int64_t status = 0;
    bool number = parse_int64(r->words[1], &status) && status >= 100 && status < 600;
    const char *text = number ? r->count > 2 ? r->words[2] : "" : r->words[1];
    l->status = number ? (int32_t)status : 302; /* return URL */
    l->text = proc_strdup(r->c, r->p, text);
}

static void directive(struct reader *r)
{
    const char *word = r->words[0];
    if (r->count < 2)
        return;
    if (strcmp(word, "include") == 0 && strstr(r->words[1], "conf.d"))
        r->includes = true;
    else if (strcmp(word, "listen") == 0 && r->server_depth)
        add_port(r, r->words[1]);
    else if (strcmp(word, "root") == 0 && r->location && !r->location->root)
        r->location->root = proc_strdup(r->c, r->p, r->words[1]);
    else if (strcmp(word, "return") == 0 && r->location && !r->location->status)
        set_return(r, r->location);
}

static void read_text(struct reader *r, const char *text)
{
    r->at = text;
    r->depth = r->server_depth = r->location_depth = 0;
    r->location = NULL;
    for (char end; (end = next_directive(r));) {
        if (end == ';')
            directive(r);
        else if (end == '{')
            open_block(r);
        else
            close_block(r);
    }
}

static void read_files(struct reader *r, struct nginx_conf *ret)
{
    struct cri *c = r->c;
    struct vcontainer *ct = r->p->container;
    struct vnode *dir, *file;
    size_t len;
    ret->missing = vfs_find(c, ct, "/", "/etc/nginx/nginx.conf", &file) != VFS_OK || file->type != VNODE_FILE;
    if (!ret->missing)
        read_text(r, vfs_content(c, ct, file, &len));
    if (!r->includes || vfs_find(c, ct, "/", "/etc/nginx/conf.d", &dir) != VFS_OK || dir->type != VNODE_DIR)
        return;
    for (struct vnode *e = vfs_first(c, ct, dir); e; e = e->next) {
        size_t n = strlen(e->name);
        file = vfs_real(e);
        if (n > 5 && strcmp(e->name + n - 5, ".conf") == 0 && file->type == VNODE_FILE)
            read_text(r, vfs_content(c, ct, file, &len));
    }
}

static void *kept(struct reader *r, const void *items, size_t size)
{
    void *copy = size ? proc_alloc(r->c, r->p, size) : NULL;
    return copy ? memcpy(copy, items, size) : NULL;
}

void nginx_conf_load(struct cri *c, struct proc *p, struct nginx_conf *ret)
{
    struct reader r = {.c = c, .p = p};
    *ret = (struct nginx_conf){0};
    read_files(&r, ret);
    ret->ports = kept(&r, r.ports, r.port_count * sizeof *r.ports);
    ret->port_count = r.port_count;
    ret->locations = kept(&r, r.locations, r.location_count * sizeof *r.locations);
    ret->location_count = r.location_count;
}

/* ---- answers ---- */

static int32_t server_of(const struct nginx_conf *conf, int32_t port)
{
    for (uint32_t i = 0; i < conf->port_count; i++)
        if (conf->ports[i].port == port)
            return conf->ports[i].server;
    return conf->port_count ? conf->ports[0].server : 0;
}

/* An exact one, or that with the longest prefix. */
const struct nginx_location *nginx_conf_location(const struct nginx_conf *conf, int32_t port, const char *path,
                                                 size_t len)
{
    const struct nginx_location *best = NULL;
    int32_t server = server_of(conf, port);
    for (uint32_t i = 0; i < conf->location_count; i++) {
        const struct nginx_location *l = &conf->locations[i];
        size_t n = strlen(l->path);
        if (l->server != server || n > len || strncmp(l->path, path, n) != 0 || (l->exact && n != len))
            continue;
        if (l->exact)
            return l;
        if (!best || n >= strlen(best->path))
            best = l;
    }
    return best;
}

const char *nginx_conf_root(const struct nginx_conf *conf, int32_t port, const struct nginx_location *l)
{
    int32_t server = server_of(conf, port);
    if (l && l->root)
        return l->root;
    for (uint32_t i = 0; i < conf->location_count; i++)
        if (conf->locations[i].server == server && !*conf->locations[i].path && conf->locations[i].root)
            return conf->locations[i].root;
    return "/usr/share/nginx/html";
}
