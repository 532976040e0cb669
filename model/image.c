/* image.c - the built-in catalogue of images, and image references.
 *
 * Entrypoints and commands are those of the official images; sizes are what a registry transfers
 * (compressed, rounded); start_ms is how long the server takes until it listens on an idle machine.
 */
#include "model/image.h"

#include <string.h>

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define MB        (INT64_C(1000) * 1000)

/* Longest match wins: "registry.k8s.io/e2e-test-images/agnhost" before "agnhost". A name with a tag
 * matches only that tag. */
static const struct image catalogue[] = {
    {.name = "nginx",
     .entrypoint = ARGS("/docker-entrypoint.sh"),
     .cmd = ARGS("nginx", "-g", "daemon off;"),
     .program = "nginx",
     .userland = USERLAND_DEBIAN,
     .size_bytes = 72 * MB,
     .stop_signal = "SIGQUIT",
     .start_ms = 50,
     .port = 80},
    {.name = "nginxinc/nginx-unprivileged",
     .entrypoint = ARGS("/docker-entrypoint.sh"),
     .cmd = ARGS("nginx", "-g", "daemon off;"),
     .program = "nginx",
     .userland = USERLAND_DEBIAN,
     .size_bytes = 72 * MB,
     .stop_signal = "SIGQUIT",
     .start_ms = 50,
     .port = 8080},
    {.name = "busybox", .cmd = ARGS("sh"), .userland = USERLAND_BUSYBOX, .size_bytes = 2 * MB},
    {.name = "alpine", .cmd = ARGS("/bin/sh"), .userland = USERLAND_BUSYBOX, .size_bytes = 4 * MB},
    {.name = "debian", .cmd = ARGS("bash"), .userland = USERLAND_DEBIAN, .size_bytes = 48 * MB},
    {.name = "ubuntu", .cmd = ARGS("/bin/bash"), .userland = USERLAND_DEBIAN, .size_bytes = 30 * MB},
    {.name = "centos", .cmd = ARGS("/bin/bash"), .userland = USERLAND_DEBIAN, .size_bytes = 83 * MB},
    {.name = "fedora", .cmd = ARGS("/bin/bash"), .userland = USERLAND_DEBIAN, .size_bytes = 85 * MB},
    {.name = "bash",
     .entrypoint = ARGS("docker-entrypoint.sh"),
     .cmd = ARGS("bash"),
     .userland = USERLAND_BUSYBOX,
     .size_bytes = 7 * MB},
    {.name = "httpd",
     .cmd = ARGS("httpd-foreground"),
     .program = "httpd",
     .userland = USERLAND_DEBIAN,
     .size_bytes = 58 * MB,
     .stop_signal = "SIGWINCH",
     .working_dir = "/usr/local/apache2",
     .start_ms = 50,
     .port = 80},
    {.name = "redis",
     .entrypoint = ARGS("docker-entrypoint.sh"),
     .cmd = ARGS("redis-server"),
     .program = "redis-server",
     .userland = USERLAND_DEBIAN,
     .size_bytes = 45 * MB,
     .working_dir = "/data",
     .start_ms = 50,
     .port = 6379},
    {.name = "memcached",
     .entrypoint = ARGS("docker-entrypoint.sh"),
     .cmd = ARGS("memcached"),
     .program = "memcached",
     .userland = USERLAND_DEBIAN,
     .size_bytes = 31 * MB,
     .start_ms = 20,
     .port = 11211},
    {.name = "mysql",
     .entrypoint = ARGS("docker-entrypoint.sh"),
     .cmd = ARGS("mysqld"),
     .program = "mysqld",
     .userland = USERLAND_DEBIAN,
     .size_bytes = 170 * MB,
     .start_ms = 12000,
     .port = 3306},
    {.name = "mariadb",
     .entrypoint = ARGS("docker-entrypoint.sh"),
     .cmd = ARGS("mariadbd"),
     .program = "mysqld",
     .userland = USERLAND_DEBIAN,
     .size_bytes = 110 * MB,
     .start_ms = 7000,
     .port = 3306},
    {.name = "postgres",
     .entrypoint = ARGS("docker-entrypoint.sh"),
     .cmd = ARGS("postgres"),
     .program = "postgres",
     .userland = USERLAND_DEBIAN,
     .size_bytes = 150 * MB,
     .stop_signal = "SIGINT",
     .start_ms = 3000,
     .port = 5432},
    {.name = "mongo",
     .entrypoint = ARGS("docker-entrypoint.sh"),
     .cmd = ARGS("mongod"),
     .program = "mongod",
     .userland = USERLAND_DEBIAN,
     .size_bytes = 290 * MB,
     .start_ms = 1500,
     .port = 27017},
    {.name = "rabbitmq",
     .entrypoint = ARGS("docker-entrypoint.sh"),
     .cmd = ARGS("rabbitmq-server"),
     .program = "rabbitmq-server",
     .userland = USERLAND_DEBIAN,
     .size_bytes = 100 * MB,
     .start_ms = 8000,
     .port = 5672},
    {.name = "wordpress",
     .entrypoint = ARGS("docker-entrypoint.sh"),
     .cmd = ARGS("apache2-foreground"),
     .program = "httpd",
     .userland = USERLAND_DEBIAN,
     .size_bytes = 240 * MB,
     .stop_signal = "SIGWINCH",
     .working_dir = "/var/www/html",
     .start_ms = 1500,
     .port = 80},
    {.name = "node",
     .entrypoint = ARGS("docker-entrypoint.sh"),
     .cmd = ARGS("node"),
     .program = "node",
     .userland = USERLAND_DEBIAN,
     .size_bytes = 380 * MB,
     .start_ms = 300},
    {.name = "python",
     .cmd = ARGS("python3"),
     .program = "python3",
     .userland = USERLAND_DEBIAN,
     .size_bytes = 360 * MB,
     .start_ms = 100},
    {.name = "golang", .cmd = ARGS("bash"), .userland = USERLAND_DEBIAN, .size_bytes = 300 * MB},
    {.name = "openjdk",
     .cmd = ARGS("jshell"),
     .program = "java",
     .userland = USERLAND_DEBIAN,
     .size_bytes = 320 * MB,
     .start_ms = 2000},
    {.name = "eclipse-temurin",
     .cmd = ARGS("jshell"),
     .program = "java",
     .userland = USERLAND_DEBIAN,
     .size_bytes = 220 * MB,
     .start_ms = 2000},
    {.name = "tomcat",
     .cmd = ARGS("catalina.sh", "run"),
     .program = "java",
     .userland = USERLAND_DEBIAN,
     .size_bytes = 230 * MB,
     .working_dir = "/usr/local/tomcat",
     .start_ms = 2500,
     .port = 8080},
    {.name = "pause",
     .entrypoint = ARGS("/pause"),
     .program = "pause",
     .userland = USERLAND_NONE,
     .size_bytes = 1 * MB / 3,
     .present = true},
    {.name = "hello-world", .cmd = ARGS("/hello"), .program = "hello", .userland = USERLAND_NONE, .size_bytes = 13000},
    {.name = "agnhost",
     .entrypoint = ARGS("/agnhost"),
     .cmd = ARGS("pause"),
     .program = "agnhost",
     .userland = USERLAND_BUSYBOX,
     .size_bytes = 53 * MB},
    {.name = "moul/grpcbin",
     .cmd = ARGS("/grpcbin"),
     .program = "grpcbin",
     .userland = USERLAND_NONE,
     .size_bytes = 12 * MB,
     .port = 9000},
    {.name = "kennethreitz/httpbin",
     .cmd = ARGS("gunicorn", "-b", "0.0.0.0:80", "httpbin:app", "-k", "gevent"),
     .program = "httpbin",
     .userland = USERLAND_DEBIAN,
     .size_bytes = 208 * MB,
     .start_ms = 1000,
     .port = 80},
    {.name = "mccutchen/go-httpbin",
     .cmd = ARGS("/go-httpbin"),
     .program = "httpbin",
     .userland = USERLAND_NONE,
     .size_bytes = 9 * MB,
     .port = 8080},
    {.name = "k8s.gcr.io/liveness",
     .program = "liveness",
     .cmd = ARGS("/server"),
     .userland = USERLAND_NONE,
     .size_bytes = 2 * MB,
     .port = 8080},
    {.name = "registry.k8s.io/liveness",
     .program = "liveness",
     .cmd = ARGS("/server"),
     .userland = USERLAND_NONE,
     .size_bytes = 2 * MB,
     .port = 8080},
    {.name = "gcr.io/google_containers/liveness",
     .program = "liveness",
     .cmd = ARGS("/server"),
     .userland = USERLAND_NONE,
     .size_bytes = 2 * MB,
     .port = 8080},
    {.name = "cnych/liveness",
     .program = "liveness",
     .cmd = ARGS("/server"),
     .userland = USERLAND_NONE,
     .size_bytes = 2 * MB,
     .port = 8080},
    {.name = "quay.io/junkai/training:liveness",
     .program = "liveness",
     .cmd = ARGS("/server"),
     .userland = USERLAND_NONE,
     .size_bytes = 2 * MB,
     .port = 8080},
    {.name = "liveness",
     .program = "liveness",
     .cmd = ARGS("/server"),
     .userland = USERLAND_NONE,
     .size_bytes = 2 * MB,
     .port = 8080},
    {.name = "quay.io/junkai/training:goproxy-liveness",
     .program = "goproxy",
     .entrypoint = ARGS("/goproxy"),
     .userland = USERLAND_NONE,
     .size_bytes = 2 * MB,
     .port = 8080},
    {.name = "goproxy",
     .program = "goproxy",
     .entrypoint = ARGS("/goproxy"),
     .userland = USERLAND_NONE,
     .size_bytes = 2 * MB,
     .port = 8080},
    {.name = "quay.io/junkai/demo",
     .program = "demo",
     .cmd = ARGS("/demo"),
     .userland = USERLAND_BUSYBOX,
     .size_bytes = 8 * MB,
     .start_ms = 10,
     .port = 8080},
    {.name = "hello-app",
     .program = "demo",
     .cmd = ARGS("/hello-app"),
     .userland = USERLAND_NONE,
     .size_bytes = 6 * MB,
     .start_ms = 10,
     .port = 8080},
    {.name = "gb-frontend",
     .program = "httpd",
     .cmd = ARGS("apache2-foreground"),
     .userland = USERLAND_DEBIAN,
     .size_bytes = 190 * MB,
     .stop_signal = "SIGWINCH",
     .start_ms = 500,
     .port = 80},
    {.name = "gb-redisslave",
     .program = "redis-server",
     .cmd = ARGS("redis-server"),
     .userland = USERLAND_DEBIAN,
     .size_bytes = 45 * MB,
     .start_ms = 50,
     .port = 6379},
    {.name = "gb-redis-follower",
     .program = "redis-server",
     .cmd = ARGS("redis-server"),
     .userland = USERLAND_DEBIAN,
     .size_bytes = 45 * MB,
     .start_ms = 50,
     .port = 6379},
    {.name = "echoserver",
     .program = "nginx",
     .cmd = ARGS("nginx", "-g", "daemon off;"),
     .userland = USERLAND_DEBIAN,
     .size_bytes = 45 * MB,
     .start_ms = 50,
     .port = 8080},
    {.name = "nginx-slim",
     .program = "nginx",
     .cmd = ARGS("nginx", "-g", "daemon off;"),
     .userland = USERLAND_DEBIAN,
     .size_bytes = 40 * MB,
     .start_ms = 50,
     .port = 80},
    {.name = "whoami",
     .program = "demo",
     .entrypoint = ARGS("/whoami"),
     .userland = USERLAND_NONE,
     .size_bytes = 3 * MB,
     .port = 80},
    {.name = "http-echo",
     .program = "http-echo",
     .entrypoint = ARGS("/http-echo"),
     .userland = USERLAND_NONE,
     .size_bytes = 2 * MB,
     .port = 5678},
    {.name = "curl",
     .entrypoint = ARGS("/entrypoint.sh"),
     .cmd = ARGS("curl"),
     .userland = USERLAND_BUSYBOX,
     .size_bytes = 9 * MB},
    {.name = "dnsutils", .userland = USERLAND_DEBIAN, .cmd = ARGS("sleep", "3600"), .size_bytes = 90 * MB},
    {.name = "netshoot", .userland = USERLAND_BUSYBOX, .cmd = ARGS("/bin/sh"), .size_bytes = 180 * MB},
    {.name = "stress", .program = "stress", .cmd = ARGS("stress"), .userland = USERLAND_DEBIAN, .size_bytes = 2 * MB},
    {.name = "perl",
     .program = "perl",
     .cmd = ARGS("perl", "-de0"),
     .userland = USERLAND_DEBIAN,
     .size_bytes = 340 * MB},
    {.name = "etcd",
     .program = "etcd",
     .cmd = ARGS("etcd"),
     .userland = USERLAND_NONE,
     .size_bytes = 56 * MB,
     .start_ms = 500,
     .port = 2379},
    {.name = "fluentd",
     .program = "server",
     .cmd = ARGS("fluentd"),
     .userland = USERLAND_DEBIAN,
     .size_bytes = 50 * MB,
     .start_ms = 1500,
     .port = 24224},
    {.name = "traefik",
     .program = "server",
     .cmd = ARGS("traefik"),
     .userland = USERLAND_BUSYBOX,
     .size_bytes = 45 * MB,
     .start_ms = 200,
     .port = 80},
    {.name = "envoy",
     .program = "server",
     .cmd = ARGS("envoy"),
     .userland = USERLAND_DEBIAN,
     .size_bytes = 60 * MB,
     .start_ms = 500,
     .port = 10000},
};

/* The name of a reference without tag and digest: its length. */
static size_t name_length(const char *reference)
{
    const char *at = strchr(reference, '@');
    size_t n = at ? (size_t)(at - reference) : strlen(reference);
    for (size_t i = n; i-- > 0 && reference[i] != '/';)
        if (reference[i] == ':')
            return i;
    return n;
}

/* Whether the catalogue's name is the reference's, or its end after a "/"; with a tag, that too. */
static bool names(const char *entry, const char *reference)
{
    size_t n = name_length(reference), m = strlen(entry), k = name_length(entry);
    const char *end = reference + n;

    if (k < m) { /* the entry names a tag */
        const char *at = strchr(reference, '@');
        end = at ? at : reference + strlen(reference);
    }
    size_t total = (size_t)(end - reference);
    if (total < m || memcmp(end - m, entry, m) != 0)
        return false;
    return total == m || end[-(ptrdiff_t)m - 1] == '/';
}

static const struct image generic = {
    .name = "generic",
    .program = "server",
    .userland = USERLAND_DEBIAN,
    .size_bytes = 100 * MB,
    .start_ms = 1000,
    .generic = true,
};

/* Before 1.19 the image had no entrypoint script and was stopped with SIGTERM. */
static const struct image nginx_old = {
    .name = "nginx",
    .cmd = ARGS("nginx", "-g", "daemon off;"),
    .program = "nginx",
    .userland = USERLAND_DEBIAN,
    .size_bytes = 45 * MB,
    .start_ms = 50,
    .port = 80,
};

static bool is_old_nginx(const struct image *found, const char *reference)
{
    const char *tag = reference + name_length(reference);
    return found == &catalogue[0] && strncmp(tag, ":1.", 3) == 0 &&
           (tag[4] == '.' || tag[4] == '-' || !tag[4] || (tag[3] == '1' && tag[4] >= '0' && tag[4] <= '8'));
}

/* The entry with the longest name that matches, or NULL. */
static const struct image *longest_match(const struct image *items, size_t count, const char *reference)
{
    const struct image *best = NULL;
    for (size_t i = 0; i < count; i++)
        if (names(items[i].name, reference) && (!best || strlen(items[i].name) > strlen(best->name)))
            best = &items[i];
    return best;
}

const struct image *image_find(const struct image_catalogue *c, const char *reference)
{
    const struct image *found = c ? longest_match(c->extra.items, c->extra.count, reference) : NULL;
    if (!found)
        found = longest_match(catalogue, ARRAY_LEN(catalogue), reference);
    if (!found)
        return &generic;
    return is_old_nginx(found, reference) ? &nginx_old : found;
}

sim_time image_start_time(const struct image *image, bool nothing_takes_time)
{
    bool own =
        (image >= catalogue && image < catalogue + ARRAY_LEN(catalogue)) || image == &generic || image == &nginx_old;
    return own && nothing_takes_time ? 0 : image->start_ms * SIM_MS;
}

/* ---- references: distribution/reference, grammar in its doc comment ---- */

static bool is_lower_or_digit(char ch) { return (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9'); }
static bool is_upper(char ch) { return ch >= 'A' && ch <= 'Z'; }

/* [a-z0-9]+ separated by ".", "_", "__" or any number of "-". */
static bool valid_component(const char *s, size_t n)
{
    size_t i = 0;
    for (;;) {
        size_t start = i;
        while (i < n && is_lower_or_digit(s[i]))
            i++;
        if (i == start)
            return false;
        if (i == n)
            return true;
        if (s[i] == '-') {
            while (i < n && s[i] == '-')
                i++;
        } else if (s[i] == '_' && i + 1 < n && s[i + 1] == '_') {
            i += 2;
        } else if (s[i] == '.' || s[i] == '_') {
            i++;
        } else {
            return false;
        }
    }
}

/* A registry host: has a dot or a colon, or is localhost. */
static bool is_domain(const char *s, size_t n)
{
    bool special = n == 9 && memcmp(s, "localhost", 9) == 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '.' || s[i] == ':' || is_upper(s[i]))
            special = true;
        else if (!is_lower_or_digit(s[i]) && s[i] != '-')
            return false;
    }
    return special;
}

static bool valid_tag(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_lower_or_digit(s[i]) && !is_upper(s[i]) && s[i] != '_' && (i == 0 || (s[i] != '.' && s[i] != '-')))
            return false;
    return n > 0 && n <= 128;
}

static bool valid_digest(const char *s)
{
    const char *colon = strchr(s, ':');
    if (!colon || colon == s || strlen(colon + 1) < 32)
        return false;
    for (const char *p = colon + 1; *p; p++)
        if (!is_lower_or_digit(*p) && !is_upper(*p))
            return false;
    return true;
}

const char *image_reference_error(struct arena *a, const char *reference)
{
    size_t n = name_length(reference), at = 0;
    const char *digest = strchr(reference, '@');
    size_t end = digest ? (size_t)(digest - reference) : strlen(reference);
    bool ok = n > 0 && n <= 255 && (!digest || valid_digest(digest + 1));

    if (ok && n < end)
        ok = valid_tag(reference + n + 1, end - n - 1);
    bool upper = false;
    for (bool first = true; ok && at <= n; first = false) {
        size_t k = at;
        while (k < n && reference[k] != '/')
            k++;
        if (!(first && k < n && is_domain(reference + at, k - at)) && !valid_component(reference + at, k - at)) {
            ok = false;
            for (size_t i = at; i < k; i++)
                if (is_upper(reference[i]))
                    upper = true;
        }
        at = k + 1;
    }
    if (ok)
        return NULL;
    if (upper)
        return arena_printf(
            a, "couldn't parse image name \"%s\": invalid reference format: repository name (%s%.*s) must be lowercase",
            reference, memchr(reference, '/', n) ? "" : "library/", (int)n, reference);
    return arena_printf(a, "couldn't parse image name \"%s\": invalid reference format", reference);
}

bool image_tag_is_latest(const char *reference)
{
    if (strchr(reference, '@'))
        return false;
    size_t n = name_length(reference);
    return !reference[n] || strcmp(reference + n, ":latest") == 0;
}

/* ---- what goes wrong with a pull ---- */

struct full_name {
    const char *host; /* "docker.io" */
    const char *path; /* "library/nginx" */
    const char *tag;  /* "latest", or a digest */
    const char *text; /* "docker.io/library/nginx:latest" */
};

/* distribution/reference: ParseDockerRef. */
static struct full_name full_name(struct arena *a, const char *reference)
{
    const char *slash = strchr(reference, '/');
    size_t host = slash ? (size_t)(slash - reference) : 0;
    bool has_host = slash && (memchr(reference, '.', host) || memchr(reference, ':', host) ||
                              (host == 9 && memcmp(reference, "localhost", 9) == 0));
    const char *rest = has_host ? slash + 1 : reference, *last = strrchr(rest, '/');
    const char *tag = strpbrk(last ? last : rest, ":@");
    struct full_name n = {
        .host = has_host ? arena_strndup(a, reference, host) : "docker.io",
        .tag = tag ? tag + 1 : "latest",
    };
    const char *name = tag ? arena_strndup(a, rest, (size_t)(tag - rest)) : rest;
    n.path = has_host || slash ? name : arena_printf(a, "library/%s", name);
    n.text = arena_printf(a, "%s/%s%s%s", n.host, n.path, tag ? "" : ":latest", tag ? tag : "");
    return n;
}

static const char *registry_url(struct arena *a, const struct full_name *n)
{
    const char *host = strcmp(n->host, "docker.io") == 0 ? "registry-1.docker.io" : n->host;
    return arena_printf(a, "https://%s/v2/%s", host, n->path);
}

const char *image_not_found_error(struct arena *a, const char *reference)
{
    struct full_name n = full_name(a, reference);
    return arena_printf(a,
                        "rpc error: code = NotFound desc = failed to pull and unpack image \"%s\": failed to resolve "
                        "reference \"%s\": %s: not found",
                        n.text, n.text, n.text);
}

const char *image_unavailable_error(struct arena *a, const char *reference)
{
    struct full_name n = full_name(a, reference);
    return arena_printf(
        a,
        "rpc error: code = Unknown desc = failed to pull and unpack image \"%s\": failed to resolve "
        "reference \"%s\": unexpected status from HEAD request to %s/manifests/%s: 503 Service Unavailable",
        n.text, n.text, registry_url(a, &n), n.tag);
}

const char *image_broken_error(struct arena *a, const char *reference)
{
    struct full_name n = full_name(a, reference);
    return arena_printf(a,
                        "rpc error: code = Unknown desc = failed to pull and unpack image \"%s\": failed to copy: "
                        "httpReadSeeker: failed open: unexpected status code %s/manifests/%s: 503 Service Unavailable",
                        n.text, registry_url(a, &n), n.tag);
}
