/* programs_net.c - clients: wget, curl, ping. HTTP only; what the network costs is in
 * the server's time (http_reply.took) and in timeouts.
 */
#include <stdio.h>
#include <string.h>

#include "model/net.h"
#include "model/programs.h"
#include "model/programs_server.h"
#include "model/shell.h"

#define CONNECT_TIMEOUT (130 * SIM_SECOND) /* Linux gives up after six SYN retries */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* ---- a URL, fetched ---- */

struct fetch {
    int state; /* 0 begin, 1 the answer is on its way, 2 wait for the timeout */
    sim_time at, timeout;
    enum net_result result;
    int32_t status, port;
    char *body, *location;
    const str_map *headers;
    char host[256], path[1024], ip[16];
    int redirects;
    bool https;
    struct net_peer server;
};

/* "http://host:port/path", the scheme optional. */
static bool parse_url(const char *url, struct fetch *d)
{
    const char *s = strstr(url, "://");
    d->https = strncmp(url, "https://", 8) == 0;
    if (s && !d->https && strncmp(url, "http://", 7) != 0)
        return false;
    s = s ? s + 3 : url;
    size_t n = strcspn(s, "/?#"), host = strcspn(s, ":/?#");
    if (!host || host >= sizeof d->host)
        return false;
    memcpy(d->host, s, host);
    d->host[host] = '\0';
    int64_t port = 0;
    for (const char *digit = s + host + 1; s[host] == ':' && digit < s + n; digit++) {
        if (!sh_is_digit(*digit) || port > 65535)
            return false;
        port = port * 10 + (*digit - '0');
    }
    d->port = port ? (int32_t)port : d->https ? 443 : 80;
    snprintf(d->path, sizeof d->path, "%s%.*s", s[n] == '/' ? "" : "/", (int)(sizeof d->path - 2), s + n);
    return true;
}

/* Asks now; the answer is looked at when d->at has come. */
static bool send_request(struct cri *c, struct proc *p, struct fetch *d, const char *method, const char *agent)
{
    struct net_name to;
    struct http_reply reply;
    char host[300];

    net_resolve(c, p->container, d->host, &to);
    if (!to.found)
        return false;
    memcpy(d->ip, to.ip, sizeof d->ip);
    if (d->port == 80 || d->port == 443)
        snprintf(host, sizeof host, "%s", d->host);
    else
        snprintf(host, sizeof host, "%s:%d", d->host, (int)d->port);
    struct http_request request = {.method = method,
                                   .ip = to.ip,
                                   .path = d->path,
                                   .host = host,
                                   .user_agent = agent,
                                   .port = d->port,
                                   .https = d->https};
    d->result = net_request(c, p->container, &to, d->host, d->port, &request, &reply, &d->server);
    d->status = reply.status;
    d->at = proc_now(c);
    d->state = 1;
    d->headers = reply.headers;
    sim_time took = sim_time_add(reply.took, reply.body_took);
    if (d->result == NET_TIMEOUT || (d->timeout && took > d->timeout)) {
        d->result = NET_TIMEOUT;
        d->at = sim_time_add(d->at, d->timeout ? d->timeout : CONNECT_TIMEOUT);
    } else {
        d->at = sim_time_add(d->at, took);
        net_wait_for(c, &d->server, p, d->at);
    }
    mem_free(&c->mem, d->body);
    mem_free(&c->mem, d->location);
    d->body = d->result == NET_OK ? proc_strdup(c, p, reply.body) : NULL;
    d->location = reply.location ? proc_strdup(c, p, reply.location) : NULL;
    return true;
}

/* The answer has come; or the server is gone and has closed the connection. */
static bool fetch_is_over(struct cri *c, struct fetch *d)
{
    if (proc_now(c) < d->at && d->result == NET_OK && !net_is_there(c, &d->server)) {
        d->result = NET_RESET;
        d->at = proc_now(c);
        return true;
    }
    return proc_now(c) >= d->at;
}

static const char *reason_of(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 301:
        return "Moved Permanently";
    case 302:
        return "Found";
    case 400:
        return "Bad Request";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 500:
        return "Internal Server Error";
    case 503:
        return "Service Unavailable";
    default:
        return status < 300 ? "OK" : "Error";
    }
}

/* "HTTP/1.1 200 OK" and the headers; each line between `before` and `after`. */
static void put_head(const struct fetch *d, const char *before, const char *after, struct strbuf *out)
{
    strbuf_printf(out, "%sHTTP/1.1 %d %s%s", before, (int)d->status, reason_of(d->status), after);
    strbuf_printf(out, "%sContent-Length: %zu%s", before, strlen(d->body), after);
    if (d->location)
        strbuf_printf(out, "%sLocation: %s%s", before, d->location, after);
    for (uint32_t i = 0; d->headers && i < d->headers->count; i++)
        strbuf_printf(out, "%s%s: %s%s", before, d->headers->items[i].key, d->headers->items[i].value, after);
}

static bool follow(struct cri *c, struct fetch *d)
{
    if (d->status < 300 || d->status >= 400 || !d->location || d->redirects++ >= 10)
        return false;
    struct fetch next = *d;
    bool ok = true;
    if (d->location[0] == '/')
        snprintf(d->path, sizeof d->path, "%s", d->location);
    else if ((ok = parse_url(d->location, &next)))
        *d = next;
    (void)c;
    return ok;
}

/* ---- wget ---- */

struct wget_data {
    struct fetch fetch;
    bool begun, quiet, spider, headers;
    const char *output, *url;
};

static enum step wget_fail(struct cri *c, struct proc *p, const char *format, const char *arg)
{
    if (is_gnu(p))
        out_printf(c, p, 2, "wget: ");
    else
        out_puts(c, p, 2, "wget: ");
    out_printf(c, p, 2, "%s%s%s\n", format, arg ? " " : "", arg ? arg : "");
    return proc_exit_with(p, is_gnu(p) ? 4 : 1);
}

static bool wget_arguments(struct cri *c, struct proc *p, struct wget_data *d)
{
    struct options o = {.p = p};
    sim_time seconds;
    for (int letter; (letter = option_next(&o, "OTtUPYoc"));) {
        if (letter == 'q')
            d->quiet = true;
        else if (letter == 'S')
            d->headers = true;
        else if (letter == 'O')
            d->output = o.value;
        else if (letter == 'T' && o.value && parse_duration(o.value, &seconds))
            d->fetch.timeout = seconds;
        else if (letter == '-' && strcmp(o.value, "spider") == 0)
            d->spider = true;
        else if (letter == '-' && strncmp(o.value, "timeout=", 8) == 0 && parse_duration(o.value + 8, &seconds))
            d->fetch.timeout = seconds;
        else if (letter == '-' && strncmp(o.value, "output-document=", 16) == 0)
            d->output = o.value + 16;
        else if (letter == '-' && strcmp(o.value, "quiet") == 0)
            d->quiet = true;
    }
    if (o.next >= p->argc) {
        out_puts(c, p, 2,
                 "BusyBox v1.36.1 multi-call binary.\n\nUsage: wget [-cqS] [--spider] [-O FILE] [-T SEC] URL...\n");
        return false;
    }
    d->url = p->argv[o.next];
    if (strncmp(d->url, "-q", 2) == 0 || !parse_url(d->url, &d->fetch)) {
        out_printf(c, p, 2, "wget: not an http or ftp url: %s\n", d->url);
        return false;
    }
    return true;
}

static bool wget_new_style(const struct proc *p) { return image_version(p->container->image) >= 13000; }

static enum step wget_save(struct cri *c, struct proc *p, struct wget_data *d)
{
    const char *path = d->output;
    size_t n = strlen(d->fetch.body);
    enum vfs_error e;

    if (d->spider) {
        if (!d->quiet)
            out_puts(c, p, 2, "remote file exists\n");
        return proc_exit_with(p, 0);
    }
    if (path && strcmp(path, "-") == 0) {
        if (!d->quiet && wget_new_style(p))
            out_puts(c, p, 2, "writing to stdout\n");
        fd_write(c, p, 1, d->fetch.body, n);
        if (!d->quiet)
            out_printf(c, p, 2, "-                    100%% |********************************|%6zu  0:00:00 ETA\n", n);
        if (!d->quiet && wget_new_style(p))
            out_puts(c, p, 2, "written to stdout\n");
        return proc_exit_with(p, 0);
    }
    if (!path) {
        path = base_name(d->fetch.path);
        if (!*path || *path == '?')
            path = "index.html";
    }
    struct ofile *f = file_open(c, p, path, OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE, &e);
    if (!f)
        return wget_fail(c, p, arena_printf(sim_arena(c->sim), "can't open '%s': %s", path, vfs_error_text(e)), NULL);
    if (!d->quiet && wget_new_style(p))
        out_printf(c, p, 2, "saving to '%s'\n", path);
    int r = ofile_write(c, p, f, d->fetch.body, n);
    ofile_unref(c, f);
    if (r != FD_OK)
        return wget_fail(c, p, "short write: No space left on device", NULL);
    if (!d->quiet)
        out_printf(c, p, 2, "%-20.20s 100%% |********************************|%6zu  0:00:00 ETA\n", base_name(path), n);
    if (!d->quiet && wget_new_style(p))
        out_printf(c, p, 2, "'%s' saved\n", path);
    return proc_exit_with(p, 0);
}

static enum step wget_answer(struct cri *c, struct proc *p, struct wget_data *d)
{
    char text[80];
    switch (d->fetch.result) {
    case NET_REFUSED:
        snprintf(text, sizeof text, "(%s): Connection refused", d->fetch.ip);
        return wget_fail(c, p, "can't connect to remote host", text);
    case NET_TIMEOUT:
        if (d->fetch.timeout)
            return wget_fail(c, p, "download timed out", NULL);
        snprintf(text, sizeof text, "(%s): Connection timed out", d->fetch.ip);
        return wget_fail(c, p, "can't connect to remote host", text);
    case NET_RESET:
    case NET_NO_HOST: /* looked up before: not here */
        return wget_fail(c, p, "error getting response: Connection reset by peer", NULL);
    case NET_NOT_TLS:
        return wget_fail(c, p, "Unable to establish SSL connection.", NULL);
    case NET_OK:
        break;
    }
    if (d->headers) {
        struct strbuf head = STRBUF_INIT;
        put_head(&d->fetch, "  ", "\n", &head);
        out_printf(c, p, 2, "%s  Connection: close\n  \n", strbuf_str(&head));
        strbuf_fini(&head);
    }
    if (follow(c, &d->fetch)) {
        d->fetch.state = 0;
        return STEP_AGAIN;
    }
    if (d->fetch.status != 200) {
        snprintf(text, sizeof text, "HTTP/1.1 %d %s", (int)d->fetch.status, reason_of(d->fetch.status));
        return wget_fail(c, p, "server returned error:", text);
    }
    return wget_save(c, p, d);
}

static enum step wget_step(struct cri *c, struct proc *p)
{
    struct wget_data *d = p->data;
    if (!d->begun) {
        d->begun = true;
        if (!wget_arguments(c, p, d))
            return proc_exit_with(p, 1);
    }
    if (d->fetch.state == 0) {
        if (!send_request(c, p, &d->fetch, d->spider ? "HEAD" : "GET", "Wget")) {
            char text[300];
            snprintf(text, sizeof text, "bad address '%s'", d->fetch.host);
            return wget_fail(c, p, text, NULL);
        }
        if (!d->quiet)
            out_printf(c, p, 2, "Connecting to %s (%s:%d)\n", d->fetch.port == 80 ? d->fetch.host : d->fetch.host,
                       d->fetch.ip, (int)d->fetch.port);
    }
    if (!fetch_is_over(c, &d->fetch))
        return proc_block_until(p, d->fetch.at);
    return wget_answer(c, p, d);
}

static const struct program program_wget = {.name = "wget", .step = wget_step, .data_bytes = sizeof(struct wget_data)};

/* ---- curl ---- */

struct curl_data {
    struct fetch fetch;
    bool begun, silent, show_errors, fail, head, include, follow;
    const char *output, *format, *method, *url;
    sim_time began;
};

/* curl src/tool_writeout.c: -w, also after a failure. */
static void curl_write_out(struct cri *c, struct proc *p, const struct curl_data *d, int code)
{
    static const struct {
        const char *name;
        enum { WRITE_STATUS, WRITE_SIZE, WRITE_TIME, WRITE_CODE, WRITE_URL } what;
    } variables[] = {
        {"%{http_code}", WRITE_STATUS}, {"%{response_code}", WRITE_STATUS}, {"%{size_download}", WRITE_SIZE},
        {"%{time_total}", WRITE_TIME},  {"%{exitcode}", WRITE_CODE},        {"%{url_effective}", WRITE_URL},
        {"%{url}", WRITE_URL}};
    sim_time took = d->fetch.at > d->began ? d->fetch.at - d->began : 0;
    for (const char *s = d->format; s && *s;) {
        size_t i = 0, n = 0;
        while (i < ARRAY_LEN(variables) && strncmp(s, variables[i].name, n = strlen(variables[i].name)) != 0)
            i++;
        if (i == ARRAY_LEN(variables)) {
            const char *escape = s[0] == '\\' && s[1] ? strchr("n\nt\tr\r\\\\", s[1]) : NULL;
            out_printf(c, p, 1, "%c", escape ? escape[1] : *s);
            s += escape || (s[0] == '%' && s[1] == '%') ? 2 : 1;
            continue;
        }
        s += n;
        if (variables[i].what == WRITE_STATUS)
            out_printf(c, p, 1, "%03d", (int)d->fetch.status);
        else if (variables[i].what == WRITE_SIZE)
            out_printf(c, p, 1, "%zu", d->fetch.body ? strlen(d->fetch.body) : 0);
        else if (variables[i].what == WRITE_TIME)
            out_printf(c, p, 1, "%d.%06d", (int)(took / SIM_SECOND), (int)(took % SIM_SECOND / SIM_US));
        else if (variables[i].what == WRITE_CODE)
            out_printf(c, p, 1, "%d", code);
        else
            out_puts(c, p, 1, d->url ? d->url : "");
    }
}

static enum step curl_fail(struct cri *c, struct proc *p, const struct curl_data *d, int code, const char *text)
{
    if (!d->silent || d->show_errors)
        out_printf(c, p, 2, "curl: (%d) %s\n", code, text);
    curl_write_out(c, p, d, code);
    return proc_exit_with(p, code);
}

static bool curl_arguments(struct cri *c, struct proc *p, struct curl_data *d)
{
    struct options o = {.p = p};
    sim_time seconds;
    d->method = "GET";
    for (;;) {
        int letter = option_next(&o, "omwXHdAu");
        if (!letter && o.next >= p->argc)
            break;
        if (!letter) { /* options may follow the URL */
            d->url = p->argv[o.next++];
            continue;
        }
        const char *value = o.value;
        if (letter == '-') {
            static const char *const valued[] = {"max-time", "connect-timeout", "output", "write-out",
                                                 "request",  "header",          "data",   "retry"};
            static const char letters[] = "mmowXHd\1";
            const char *name = value;
            value = NULL;
            letter = strcmp(name, "silent") == 0       ? 's'
                     : strcmp(name, "fail") == 0       ? 'f'
                     : strcmp(name, "head") == 0       ? 'I'
                     : strcmp(name, "location") == 0   ? 'L'
                     : strcmp(name, "include") == 0    ? 'i'
                     : strcmp(name, "show-error") == 0 ? 'S'
                                                       : 1;
            for (size_t i = 0; i < ARRAY_LEN(valued); i++)
                if (strcmp(name, valued[i]) == 0 && o.next < p->argc) {
                    letter = letters[i];
                    value = p->argv[o.next++];
                }
        }
        d->silent |= letter == 's';
        d->show_errors |= letter == 'S';
        d->fail |= letter == 'f';
        d->include |= letter == 'i' || letter == 'I';
        d->head |= letter == 'I';
        d->follow |= letter == 'L';
        if (letter == 'o')
            d->output = value;
        else if (letter == 'w')
            d->format = value;
        else if (letter == 'X' && value)
            d->method = value;
        else if (letter == 'd')
            d->method = "POST";
        else if (letter == 'm' && value && parse_duration(value, &seconds))
            d->fetch.timeout = seconds;
    }
    if (d->head)
        d->method = "HEAD";
    if (d->url && parse_url(d->url, &d->fetch))
        return true;
    out_puts(c, p, 2, "curl: (2) no URL specified\n");
    p->exit_code = 2;
    return false;
}

static enum step curl_output(struct cri *c, struct proc *p, struct curl_data *d)
{
    enum vfs_error e;
    struct ofile *to =
        d->output ? file_open(c, p, d->output, OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE, &e) : ofile_ref(p->fds[1]);
    if (!to)
        return curl_fail(c, p, d, 23, "Failure writing output to destination");
    if (d->include) {
        struct strbuf head = STRBUF_INIT;
        put_head(&d->fetch, "", "\r\n", &head);
        strbuf_puts(&head, "\r\n");
        ofile_write(c, p, to, strbuf_str(&head), head.len);
        strbuf_fini(&head);
    }
    ofile_write(c, p, to, d->fetch.body, strlen(d->fetch.body));
    ofile_unref(c, to);
    curl_write_out(c, p, d, 0);
    return proc_exit_with(p, 0);
}

static enum step curl_step(struct cri *c, struct proc *p)
{
    struct curl_data *d = p->data;
    char text[400];
    if (!d->begun) {
        d->begun = true;
        d->began = proc_now(c);
        if (!curl_arguments(c, p, d))
            return proc_exit_with(p, p->exit_code);
    }
    if (d->fetch.state == 0 && !send_request(c, p, &d->fetch, d->method, "curl/8.11.1")) {
        snprintf(text, sizeof text, "Could not resolve host: %s", d->fetch.host);
        return curl_fail(c, p, d, 6, text);
    }
    if (!fetch_is_over(c, &d->fetch))
        return proc_block_until(p, d->fetch.at);
    switch (d->fetch.result) {
    case NET_REFUSED:
        snprintf(text, sizeof text, "Failed to connect to %s port %d after 0 ms: Could not connect to server",
                 d->fetch.host, (int)d->fetch.port);
        return curl_fail(c, p, d, 7, text);
    case NET_TIMEOUT:
        snprintf(text, sizeof text,
                 d->fetch.timeout ? "Connection timed out after %lld milliseconds" : "Failed to connect after %lld ms",
                 (long long)((d->fetch.timeout ? d->fetch.timeout : CONNECT_TIMEOUT) / SIM_MS));
        return curl_fail(c, p, d, 28, text);
    case NET_RESET:
    case NET_NO_HOST: /* looked up before: not here */
        return curl_fail(c, p, d, 52, "Empty reply from server");
    case NET_NOT_TLS:
        return curl_fail(c, p, d, 35, "TLS connect error: error:0A00010B:SSL routines::wrong version number");
    case NET_OK:
        break;
    }
    if (d->follow && follow(c, &d->fetch)) {
        d->fetch.state = 0;
        return STEP_AGAIN;
    }
    if (d->fail && d->fetch.status >= 400) {
        snprintf(text, sizeof text, "The requested URL returned error: %d", (int)d->fetch.status);
        return curl_fail(c, p, d, 22, text);
    }
    return curl_output(c, p, d);
}

static const struct program program_curl = {.name = "curl", .step = curl_step, .data_bytes = sizeof(struct curl_data)};

/* ---- ping ---- */

struct ping_data {
    bool begun;
    int64_t count, sent;
    struct net_name to;
    sim_time next;
    bool answers;
};

static enum step ping_step(struct cri *c, struct proc *p)
{
    struct ping_data *d = p->data;
    if (!d->begun) {
        struct options o = {.p = p};
        d->begun = true;
        for (int letter; (letter = option_next(&o, "cwWisI"));)
            if (letter == 'c' && o.value)
                parse_int64(o.value, &d->count);
        const char *host = o.next < p->argc ? p->argv[o.next] : "";
        net_resolve(c, p->container, host, &d->to);
        if (!d->to.found) {
            err_printf(c, p, "bad address '%s'", host);
            return proc_exit_with(p, 1);
        }
        d->next = proc_now(c);
        d->answers = net_dial(c, p->container, &d->to, 0) != NET_TIMEOUT;
        out_printf(c, p, 1, "PING %s (%s): 56 data bytes\n", host, d->to.ip);
    }
    if (proc_now(c) < d->next)
        return proc_block_until(p, d->next);
    if (d->answers)
        out_printf(c, p, 1, "64 bytes from %s: seq=%lld ttl=62 time=0.100 ms\n", d->to.ip, (long long)d->sent);
    d->next = sim_time_add(d->next, SIM_SECOND);
    if (++d->sent != d->count)
        return STEP_AGAIN;
    out_printf(c, p, 1,
               "\n--- %s ping statistics ---\n%lld packets transmitted, %lld packets received, %d%% packet loss\n",
               d->to.ip, (long long)d->sent, (long long)(d->answers ? d->sent : 0), d->answers ? 0 : 100);
    return proc_exit_with(p, d->answers ? 0 : 1);
}

static const struct program program_ping = {.name = "ping", .step = ping_step, .data_bytes = sizeof(struct ping_data)};

const struct applet net_applets[] = {
    {"curl", &program_curl, IMAGE_EXTRA},
    {"httpd", &program_busybox_httpd, IMAGE_BUSYBOX},
    {"ping", &program_ping, IMAGE_BUSYBOX | IMAGE_EXTRA},
    {"wget", &program_wget, IMAGE_BUSYBOX | IMAGE_EXTRA},
    {NULL, NULL, 0},
};
