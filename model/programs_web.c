/* programs_web.c - nginx and Apache httpd: files over HTTP, access and error logs, signals, workers.
 *
 * nginx: docs/control.html (TERM, INT fast; QUIT graceful; HUP new workers), messages of
 * ngx_process_cycle.c. Of its configuration only listen and root are read. Left out on purpose: what
 * the image's entrypoint scripts and the master print at the start (sixteen lines per start).
 */
#include <stdio.h>
#include <string.h>

#include "model/net.h"
#include "model/nginx_conf.h"
#include "model/programs.h"
#include "model/programs_server.h"
#include "model/shell.h"

enum { NGINX_WORKERS = 2 };

struct web_data {
    bool begun, listening;
    sim_time ready_at, retry_at; /* retry_at: of a port that was taken */
    int tries;
    struct nginx_conf conf; /* of nginx */
    int32_t port;           /* of the others */
    int32_t workers[NGINX_WORKERS];
    const char *root; /* document root of the others */
};

/* ---- log lines ---- */

static const char *version_text(const struct proc *p)
{
    return p->container->image->version ? p->container->image->version : "1.27.4";
}

static void notice(struct cri *c, struct proc *p, int32_t pid, const char *text)
{
    struct mem_buf date = {0};
    if (image_version(p->container->image) < 11900 && strcmp(text, "signal process started") != 0)
        return; /* the image's error_log level was "warn" */
    format_date(c, &date, "%Y/%m/%d %H:%M:%S", epoch_now(c), 0);
    out_printf(c, p, 2, "%s [notice] %d#%d: %s\n", buf_str(&date), (int)pid, (int)pid, text);
    buf_fini(&c->mem, &date);
}

/* ---- workers ---- */

static enum step worker_step(struct cri *c, struct proc *p)
{
    (void)c;
    if (proc_take_signal(p))
        return proc_exit_with(p, 0);
    return proc_block_for(p, WAIT_FOREVER, SIM_NEVER);
}

static const struct program program_worker = {
    .name = "nginx", .step = worker_step, .catches = SIG_BIT(VSIGTERM) | SIG_BIT(VSIGQUIT) | SIG_BIT(VSIGINT)};

static void start_workers(struct cri *c, struct proc *p, struct web_data *d)
{
    for (int i = 0; i < NGINX_WORKERS; i++) {
        struct proc_start start = {.program = &program_worker,
                                   .parent = p,
                                   .container = p->container,
                                   .argc = p->argc,
                                   .argv = p->argv,
                                   .env = &p->env,
                                   .cwd = "/",
                                   .fds = p->fds,
                                   .umask = p->umask,
                                   .uid = 101};
        struct proc *w = proc_start(c, &start);
        d->workers[i] = w ? w->pid : 0;
        if (w)
            w->title = "nginx: worker process";
    }
}

static void stop_workers(struct cri *c, struct proc *p, struct web_data *d)
{
    for (int i = 0; i < NGINX_WORKERS; i++) {
        struct proc *w = d->workers[i] ? proc_by_pid(p->ns, d->workers[i]) : NULL;
        if (w && w->program == &program_worker)
            proc_end(c, w, 0, 0);
        d->workers[i] = 0;
    }
}

/* The master starts another for one that died. */
static void replace_workers(struct cri *c, struct proc *p, struct web_data *d)
{
    for (int i = 0; i < NGINX_WORKERS; i++) {
        struct proc *w = proc_by_pid(p->ns, d->workers[i]);
        if (w && !w->zombie && !w->doomed)
            continue;
        struct proc_start start = {.program = &program_worker,
                                   .parent = p,
                                   .container = p->container,
                                   .argc = p->argc,
                                   .argv = p->argv,
                                   .env = &p->env,
                                   .cwd = "/",
                                   .fds = p->fds,
                                   .umask = p->umask,
                                   .uid = 101};
        w = proc_start(c, &start);
        d->workers[i] = w ? w->pid : 0;
        if (w)
            w->title = "nginx: worker process";
    }
}

/* ---- configuration ---- */

static bool brings_config(const struct image *image)
{
    for (uint32_t i = 0; i < image->files.count; i++)
        if (strcmp(image->files.items[i].path, "/etc/nginx/nginx.conf") == 0)
            return true;
    return false;
}

/* Of an image that is said to listen elsewhere, the default server does; an image that is only said to run nginx
 * has a default server. */
static void load_config(struct cri *c, struct proc *p, struct web_data *d)
{
    int64_t own = image_port(p->container->image);
    nginx_conf_load(c, p, &d->conf);
    if (d->conf.missing && !brings_config(p->container->image)) {
        d->conf.ports = proc_alloc(c, p, sizeof *d->conf.ports);
        d->conf.ports[d->conf.port_count++] = (struct nginx_port){80, 0};
        d->conf.missing = false;
    }
    if (own && own != 80 && d->conf.port_count == 1 && d->conf.ports[0].port == 80)
        d->conf.ports[0].port = (int32_t)own;
}

/* ---- answers ---- */

static const char access_date[] = "%d/%b/%Y:%H:%M:%S +0000"; /* the common log format */

struct page {
    int status;
    const char *body;
    size_t length;
    struct mem_buf missing; /* path of the file that was not there; the caller frees it */
    bool forbidden;         /* a directory without an index */
};

static void find_page(struct cri *c, struct proc *p, const char *root, const char *url, struct page *ret)
{
    struct mem_buf path = {0};
    struct vnode *n = NULL;
    size_t len, url_len = strcspn(url, "?#");
    buf_puts(&c->mem, NULL, &path, root);
    if (*url != '/')
        buf_putc(&c->mem, NULL, &path, '/');
    buf_add(&c->mem, NULL, &path, url, url_len);
    bool slash = path.data[path.len - 1] == '/';
    *ret = (struct page){.status = 200, .body = ""};
    if (slash)
        buf_puts(&c->mem, NULL, &path, "index.html");
    enum vfs_error e = strstr(path.data, "/../") ? VFS_NOENT : vfs_find(c, p->container, "/", path.data, &n);
    if (e == VFS_OK && n->type == VNODE_FILE) {
        const char *text = vfs_content(c, p->container, n, &len);
        ret->body = text;
        ret->length = len;
    } else if (e == VFS_OK && n->type == VNODE_DIR && !slash) {
        ret->status = 301;
    } else {
        ret->status = 404;
        if (slash) {
            path.len -= strlen("index.html");
            path.data[path.len] = '\0';
            ret->forbidden = vfs_find(c, p->container, "/", path.data, &n) == VFS_OK;
            ret->status = ret->forbidden ? 403 : 404;
        }
        ret->missing = path;
        return;
    }
    buf_fini(&c->mem, &path);
}

static const char *status_text(int status)
{
    switch (status) {
    case 301:
        return "301 Moved Permanently";
    case 403:
        return "403 Forbidden";
    case 404:
        return "404 Not Found";
    case 405:
        return "405 Not Allowed";
    case 500:
        return "500 Internal Server Error";
    case 502:
        return "502 Bad Gateway";
    case 503:
        return "503 Service Temporarily Unavailable";
    default:
        return "200 OK";
    }
}

/* A `return` of the configuration: a text, a redirect, or the page of its status. */
static void returned_page(struct cri *c, const struct nginx_location *l, struct page *ret, struct http_reply *reply)
{
    *ret = (struct page){.status = l->status, .body = l->text, .length = strlen(l->text)};
    if (l->status / 100 != 3)
        return;
    reply->location = arena_strdup(sim_arena(c->sim), l->text);
    ret->body = "";
    ret->length = 0;
}

static void nginx_serve(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    struct web_data *d = p->data;
    const struct http_request *http = request->http;
    struct page page;
    struct mem_buf date = {0};

    const struct nginx_location *l = nginx_conf_location(&d->conf, http->port, http->path, strcspn(http->path, "?#"));
    if (l && l->status)
        returned_page(c, l, &page, reply);
    else
        find_page(c, p, nginx_conf_root(&d->conf, http->port, l), http->path, &page);
    bool head = strcmp(http->method, "HEAD") == 0;
    if (page.status >= 300 && !page.length) {
        page.body =
            reply_printf(c,
                         "<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<center><h1>%s</h1></center>\r\n"
                         "<hr><center>nginx/%s</center>\r\n</body>\r\n</html>\r\n",
                         status_text(page.status), status_text(page.status), version_text(p));
        page.length = strlen(page.body);
    }
    if (page.missing.len && c->unlogged) {
        buf_fini(&c->mem, &page.missing);
    } else if (page.missing.len) {
        format_date(c, &date, "%Y/%m/%d %H:%M:%S", epoch_now(c), 0);
        out_printf(
            c, p, 2,
            page.forbidden
                ? "%s [error] %d#%d: *%u directory index of \"%s\" is forbidden, client: %s, server: localhost, "
                  "request: \"%s %s HTTP/1.1\", host: \"%s\"\n"
                : "%s [error] %d#%d: *%u open() \"%s\" failed (2: No such file or directory), client: %s, server: "
                  "localhost, request: \"%s %s HTTP/1.1\", host: \"%s\"\n",
            buf_str(&date), (int)d->workers[0], (int)d->workers[0], p->requests, page.missing.data, request->client_ip,
            http->method, http->path, http->host ? http->host : "localhost");
        buf_fini(&c->mem, &date);
        buf_fini(&c->mem, &page.missing);
    }
    struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;
    strbuf_printf(&before, "%s - - [", request->client_ip);
    strbuf_printf(&after, "] \"%s %s HTTP/1.1\" %d %zu \"-\" \"%s\" \"-\"", http->method, http->path, page.status,
                  head ? 0 : page.length, http->user_agent ? http->user_agent : "-");
    server_log(c, p, 1, strbuf_str(&before), access_date, strbuf_str(&after), reply);
    strbuf_fini(&before);
    strbuf_fini(&after);
    reply->status = page.status;
    reply->body = head ? "" : page.body;
    if (page.status == 301 && !reply->location)
        reply->location =
            arena_printf(sim_arena(c->sim), "http://%s%s/", http->host ? http->host : "localhost", http->path);
}

/* ---- nginx ---- */

static const struct proc *nginx_master(const struct proc *p)
{
    for (const struct proc *q = p->ns->first; q; q = q->ns_next)
        if (q != p && q->container == p->container && q->program == &program_nginx && !q->zombie &&
            ((struct web_data *)q->data)->begun)
            return q;
    return NULL;
}

/* nginx -s signal */
static enum step send_signal(struct cri *c, struct proc *p, const char *word)
{
    static const struct {
        const char *word;
        int number;
    } words[] = {{"stop", VSIGTERM}, {"quit", VSIGQUIT}, {"reload", VSIGHUP}, {"reopen", VSIGUSR1}};
    const struct proc *master = nginx_master(p);
    notice(c, p, p->pid, "signal process started");
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(word, words[i].word) != 0)
            continue;
        if (!master) {
            out_puts(c, p, 2, "nginx: [error] open() \"/run/nginx.pid\" failed (2: No such file or directory)\n");
            return proc_exit_with(p, 1);
        }
        proc_signal(c, (struct proc *)(uintptr_t)master, words[i].number, false, 0);
        return proc_exit_with(p, 0);
    }
    out_printf(c, p, 2, "nginx: invalid option: \"-s %s\"\n", word);
    return proc_exit_with(p, 1);
}

/* true: it serves; else it has to exit with p->exit_code (or has been signalled). */
static bool nginx_arguments(struct cri *c, struct proc *p, enum step *ret_step)
{
    bool foreground = false;
    for (int i = 1; i < p->argc; i++) {
        const char *arg = p->argv[i], *value = i + 1 < p->argc ? p->argv[i + 1] : "";
        if (strcmp(arg, "-g") == 0) {
            foreground |= strstr(value, "daemon off") != NULL;
            i++;
        } else if (strcmp(arg, "-s") == 0) {
            *ret_step = send_signal(c, p, value);
            return false;
        } else if (strcmp(arg, "-t") == 0) {
            out_puts(c, p, 2,
                     "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n"
                     "nginx: configuration file /etc/nginx/nginx.conf test is successful\n");
            *ret_step = proc_exit_with(p, 0);
            return false;
        } else if (strcmp(arg, "-v") == 0 || strcmp(arg, "-V") == 0) {
            out_printf(c, p, 2, "nginx version: nginx/%s\n", version_text(p));
            *ret_step = proc_exit_with(p, 0);
            return false;
        } else if (strcmp(arg, "-c") == 0 || strcmp(arg, "-p") == 0) {
            i++;
        } else if (arg[0] != '-') {
            out_printf(c, p, 2, "nginx: invalid option: \"%s\"\n", arg);
            *ret_step = proc_exit_with(p, 1);
            return false;
        }
    }
    struct vnode *conf;
    if (!foreground && vfs_find(c, p->container, "/", "/etc/nginx/nginx.conf", &conf) == VFS_OK && conf->data)
        foreground = strstr(conf->data, "daemon off") != NULL;
    if (foreground)
        return true;
    /* It becomes a daemon: a child goes on, this process is done. */
    static char name[] = "nginx", option[] = "-g", text[] = "daemon off;";
    char *argv[] = {name, option, text};
    struct proc_start start = {.program = &program_nginx,
                               .parent = p,
                               .container = p->container,
                               .argc = 3,
                               .argv = argv,
                               .env = &p->env,
                               .cwd = p->cwd,
                               .fds = p->fds,
                               .umask = p->umask};
    proc_start(c, &start);
    *ret_step = proc_exit_with(p, 0);
    return false;
}

/* What it says goes to its error log and, while it starts, to standard error, too. */
static void nginx_emergency(struct cri *c, struct proc *p, const char *what)
{
    struct mem_buf date = {0};
    format_date(c, &date, "%Y/%m/%d %H:%M:%S", epoch_now(c), 0);
    out_printf(c, p, 2, "%s [emerg] %d#%d: %s\nnginx: [emerg] %s\n", buf_str(&date), (int)p->pid, (int)p->pid, what,
               what);
    buf_fini(&c->mem, &date);
}

/* nginx src/core/ngx_connection.c ngx_open_listening_sockets: five tries, each followed by 500 ms. */
static enum step nginx_listen(struct cri *c, struct proc *p, struct web_data *d)
{
    enum { TRIES = 5 };
    bool failed = false;
    d->listening = false;
    if (proc_now(c) < d->retry_at)
        return proc_block_until(p, d->retry_at);
    for (uint32_t i = 0; i < d->conf.port_count && d->tries < TRIES; i++) {
        char text[100];
        if (net_listens(c, p, d->conf.ports[i].port) || net_listen(c, p, d->conf.ports[i].port))
            continue;
        snprintf(text, sizeof text, "bind() to 0.0.0.0:%d failed (98: Address %sin use)", (int)d->conf.ports[i].port,
                 is_gnu(p) ? "already " : "");
        nginx_emergency(c, p, text);
        failed = true;
    }
    if (d->tries == TRIES) {
        nginx_emergency(c, p, "still could not bind()");
        return proc_exit_with(p, 1);
    }
    if (failed) {
        d->tries++;
        d->retry_at = proc_now(c) + SIM_SECOND / 2;
        return proc_block_until(p, d->retry_at);
    }
    d->listening = true;
    d->tries = 0;
    start_workers(c, p, d);
    return STEP_AGAIN;
}

static enum step nginx_signal(struct cri *c, struct proc *p, struct web_data *d, int number)
{
    char text[80];
    if (number == VSIGCHLD) {
        for (struct proc *dead; (dead = proc_zombie(p, 0));) /* those of a configuration before, too */
            proc_reap(c, dead);
        replace_workers(c, p, d);
        return STEP_AGAIN;
    }
    const char *what = number == VSIGQUIT   ? "shutting down"
                       : number == VSIGHUP  ? "reconfiguring"
                       : number == VSIGUSR1 ? "reopening logs"
                                            : "exiting";
    snprintf(text, sizeof text, "signal %d (%s) received, %s", number, cri_signal_name(number), what);
    notice(c, p, p->pid, text);
    if (number == VSIGUSR1 || number == VSIGWINCH || number == VSIGUSR2)
        return STEP_AGAIN;
    if (number == VSIGHUP) {
        stop_workers(c, p, d);
        net_close_all(c, p);
        load_config(c, p, d);
        return nginx_listen(c, p, d);
    }
    for (int i = 0; i < NGINX_WORKERS && number == VSIGQUIT; i++)
        notice(c, p, d->workers[i], "gracefully shutting down");
    stop_workers(c, p, d);
    notice(c, p, p->pid, "exit");
    return proc_exit_with(p, 0);
}

static enum step nginx_step(struct cri *c, struct proc *p)
{
    struct web_data *d = p->data;
    if (!d->begun) {
        enum step step;
        if (!nginx_arguments(c, p, &step))
            return step;
        d->begun = true;
        struct mem_buf title = {0};
        buf_puts(&c->mem, &p->mem, &title, "nginx: master process ");
        for (int i = 0; i < p->argc; i++) {
            buf_puts(&c->mem, &p->mem, &title, i ? " " : "");
            buf_puts(&c->mem, &p->mem, &title, p->argv[i]);
        }
        p->title = title.data;
        d->ready_at = p->started_at + image_start_time(p->container->image, c->deps.nothing_takes_time);
        load_config(c, p, d);
        if (d->conf.missing) {
            nginx_emergency(c, p, "open() \"/etc/nginx/nginx.conf\" failed (2: No such file or directory)");
            return proc_exit_with(p, 1);
        }
    }
    int number = proc_obey_signal(c, p);
    if (number && (d->listening || number == VSIGTERM || number == VSIGINT || number == VSIGQUIT))
        return nginx_signal(c, p, d, number);
    if (proc_now(c) < d->ready_at)
        return proc_block_until(p, d->ready_at);
    if (!d->listening)
        return nginx_listen(c, p, d);
    return proc_block_for(p, WAIT_FOREVER, SIM_NEVER);
}

const struct program program_nginx = {
    .name = "nginx",
    .step = nginx_step,
    .data_bytes = sizeof(struct web_data),
    .catches = SIG_BIT(VSIGTERM) | SIG_BIT(VSIGINT) | SIG_BIT(VSIGQUIT) | SIG_BIT(VSIGHUP) | SIG_BIT(VSIGUSR1) |
               SIG_BIT(VSIGUSR2) | SIG_BIT(VSIGWINCH) | SIG_BIT(VSIGCHLD),
    .flags = PROGRAM_REAPS,
    .serve = nginx_serve,
};

/* ---- Apache httpd, and busybox httpd ---- */

static bool is_busybox_httpd(const struct proc *p) { return p->program == &program_busybox_httpd; }

static void httpd_serve(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    const struct web_data *d = p->data;
    const struct http_request *http = request->http;
    struct page page;
    find_page(c, p, d->root, http->path, &page);
    buf_fini(&c->mem, &page.missing);
    if (page.forbidden) /* mod_autoindex */
        page.status = is_busybox_httpd(p) ? 404 : 200;
    if (page.status != 200)
        page.body =
            reply_printf(c,
                         is_busybox_httpd(p)
                             ? "<HTML><HEAD><TITLE>%s</TITLE></HEAD>\n<BODY><H1>%s</H1>\n</BODY></HTML>\n"
                             : "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>%s</title>\n"
                               "</head><body>\n<h1>%s</h1>\n<p>The requested URL was not found on this server.</p>\n"
                               "</body></html>\n",
                         status_text(page.status), status_text(page.status) + 4);
    bool head = strcmp(http->method, "HEAD") == 0;
    if (!is_busybox_httpd(p)) {
        struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;
        strbuf_printf(&before, "%s - - [", request->client_ip);
        strbuf_printf(&after, "] \"%s %s HTTP/1.1\" %d %zu", http->method, http->path, page.status,
                      head ? 0 : strlen(page.body));
        server_log(c, p, 1, strbuf_str(&before), access_date, strbuf_str(&after), reply);
        strbuf_fini(&before);
        strbuf_fini(&after);
    } else {
        reply->lasts_until = SIM_TIME_MAX;
    }
    reply->status = page.status;
    reply->body = head ? "" : page.body;
    if (page.status == 301)
        reply->location =
            arena_printf(sim_arena(c->sim), "http://%s%s/", http->host ? http->host : "localhost", http->path);
}

static void apache_line(struct cri *c, struct proc *p, const char *text)
{
    struct mem_buf date = {0};
    format_date(c, &date, "%a %b %d %H:%M:%S.000000 %Y", epoch_now(c), 0);
    out_printf(c, p, 2, "[%s] [mpm_event:notice] [pid %d:tid %d] %s\n", buf_str(&date), (int)p->pid, (int)p->pid, text);
    buf_fini(&c->mem, &date);
}

/* Returns false when it has to exit. */
static bool httpd_begin(struct cri *c, struct proc *p, struct web_data *d)
{
    d->begun = true;
    struct vnode *own;
    d->root = "/usr/local/apache2/htdocs"; /* of the httpd image; that of PHP's images */
    if (vfs_find(c, p->container, "/", d->root, &own) != VFS_OK)
        d->root = "/var/www/html";
    d->port = image_port(p->container->image) ? (int32_t)image_port(p->container->image) : 80;

    d->ready_at = p->started_at + image_start_time(p->container->image, c->deps.nothing_takes_time);
    if (!is_busybox_httpd(p))
        return true;
    struct options o = {.p = p};
    bool foreground = false;
    d->root = p->cwd;
    for (int letter; (letter = option_next(&o, "phcurm"));) {
        foreground |= letter == 'f';
        if (letter == 'p' && o.value) {
            const char *colon = strrchr(o.value, ':');
            int64_t port = 80;
            parse_int64(colon ? colon + 1 : o.value, &port);
            d->port = (int32_t)(port & 0xffff);
        } else if (letter == 'h' && o.value) {
            d->root = vfs_normalize(c, &p->mem, p->cwd, o.value);
        }
    }
    if (foreground)
        return true;
    struct proc_start start = {.program = p->program,
                               .parent = p,
                               .container = p->container,
                               .argc = p->argc,
                               .argv = p->argv,
                               .env = &p->env,
                               .cwd = p->cwd,
                               .fds = p->fds,
                               .umask = p->umask};
    struct proc *daemon = proc_start(c, &start);
    if (daemon) {
        struct web_data *to = daemon->data;
        *to = *d;
        to->root = proc_strdup(c, daemon, d->root);
    }
    return false;
}

static enum step httpd_step(struct cri *c, struct proc *p)
{
    struct web_data *d = p->data;
    if (!d->begun && !httpd_begin(c, p, d))
        return proc_exit_with(p, 0);
    int number = proc_obey_signal(c, p);
    if (number == VSIGTERM || number == VSIGWINCH || number == VSIGINT) {
        if (is_busybox_httpd(p))
            return proc_exit_with(p, 0);
        apache_line(c, p,
                    number == VSIGWINCH ? "AH00492: caught SIGWINCH, shutting down gracefully"
                                        : "AH00491: caught SIGTERM, shutting down");
        return proc_exit_with(p, 0);
    }
    if (proc_now(c) < d->ready_at)
        return proc_block_until(p, d->ready_at);
    if (!d->listening) {
        d->listening = true;
        if (!net_listen(c, p, d->port)) {
            if (is_busybox_httpd(p))
                err_printf(c, p, "bind: Address already in use");
            else
                out_printf(c, p, 2,
                           "(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:%d\n"
                           "no listening sockets available, shutting down\nAH00015: Unable to open logs\n",
                           (int)d->port);
            return proc_exit_with(p, 1);
        }
        if (!is_busybox_httpd(p))
            apache_line(c, p, "AH00489: Apache/2.4.62 (Unix) configured -- resuming normal operations");
    }
    return proc_block_for(p, WAIT_FOREVER, SIM_NEVER);
}

const struct program program_httpd = {
    .name = "httpd",
    .step = httpd_step,
    .data_bytes = sizeof(struct web_data),
    .catches = SIG_BIT(VSIGTERM) | SIG_BIT(VSIGINT) | SIG_BIT(VSIGWINCH),
    .flags = PROGRAM_REAPS,
    .serve = httpd_serve,
};

/* It has no signal handlers: as PID 1 it ignores SIGTERM. */
const struct program program_busybox_httpd = {
    .name = "httpd",
    .step = httpd_step,
    .data_bytes = sizeof(struct web_data),
    .serve = httpd_serve,
};
