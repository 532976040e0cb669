/* vfs_image.c - the files that images bring: the usual directories, a few well-known files, and what
 * the runtime and the kernel generate (/etc/hosts, /proc). Programs come from programs.c.
 *
 * Left out on purpose: everything nobody looks at in a manifest (libraries, documentation, /sys).
 */
#include <stdio.h>
#include <string.h>

#include "model/net.h"
#include "model/pid_view.h"
#include "model/process.h"
#include "model/vfs.h"

enum where {
    IN_ANY = 1 << 0,
    IN_BUSYBOX = 1 << 1,
    IN_DEBIAN = 1 << 2,
    IN_ALPINE = 1 << 3, /* with IN_BUSYBOX */
    IN_SHELLS = IN_BUSYBOX | IN_DEBIAN,
};

struct base_file {
    const char *path;
    uint8_t length; /* of path */
    uint8_t type, special;
    uint16_t mode;
    uint8_t where;
    const char *content;
};

#define P(path) path, sizeof path - 1
#define D(path, where)                                                                                                 \
    {                                                                                                                  \
        P(path), VNODE_DIR, SPECIAL_NONE, 0755, where, NULL                                                            \
    }
#define G(path, where)                                                                                                 \
    {                                                                                                                  \
        P(path), VNODE_FILE, SPECIAL_GENERATED, 0644, where, NULL                                                      \
    }
#define F(path, where, content)                                                                                        \
    {                                                                                                                  \
        P(path), VNODE_FILE, SPECIAL_NONE, 0644, where, content                                                        \
    }
#define L(path, where, target)                                                                                         \
    {                                                                                                                  \
        P(path), VNODE_LINK, SPECIAL_NONE, 0777, where, target                                                         \
    }
#define V(path, special)                                                                                               \
    {                                                                                                                  \
        P(path), VNODE_DEVICE, special, 0666, IN_ANY, NULL                                                             \
    }

#define SERVICE_ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount"

static const struct base_file base_files[] = {
    D("/bin", IN_SHELLS),
    D("/dev", IN_ANY),
    D("/etc", IN_ANY),
    D("/home", IN_SHELLS),
    D("/lib", IN_SHELLS),
    D("/media", IN_DEBIAN),
    D("/mnt", IN_DEBIAN),
    D("/opt", IN_DEBIAN),
    D("/proc", IN_ANY),
    D("/root", IN_SHELLS),
    D("/run", IN_DEBIAN),
    D("/sbin", IN_DEBIAN),
    D("/srv", IN_DEBIAN),
    D("/sys", IN_ANY),
    {P("/tmp"), VNODE_DIR, SPECIAL_NONE, 01777, IN_SHELLS, NULL},
    D("/usr", IN_ANY),
    D("/usr/bin", IN_ANY),
    D("/usr/sbin", IN_ANY),
    D("/usr/lib", IN_SHELLS),
    D("/usr/local", IN_ANY),
    D("/usr/local/bin", IN_ANY),
    D("/usr/share", IN_DEBIAN),
    {P("/usr/share"), VNODE_DIR, SPECIAL_NONE, 0755, IN_BUSYBOX, NULL},
    D("/var", IN_ANY),
    D("/var/log", IN_ANY),
    D("/var/lib", IN_SHELLS),
    D("/var/tmp", IN_SHELLS),
    D("/var/run", IN_BUSYBOX),
    D("/var/spool", IN_BUSYBOX),
    D("/var/www", IN_BUSYBOX),
    L("/var/run", IN_DEBIAN, "/run"),
    D("/var/run", IN_ANY),
    D("/run/secrets", IN_DEBIAN),
    D("/run/secrets/kubernetes.io", IN_DEBIAN),
    D("/run/secrets/kubernetes.io/serviceaccount", IN_DEBIAN),
    G("/run/secrets/kubernetes.io/serviceaccount/namespace", IN_DEBIAN),
    G("/run/secrets/kubernetes.io/serviceaccount/token", IN_DEBIAN),
    G("/run/secrets/kubernetes.io/serviceaccount/ca.crt", IN_DEBIAN),
    D("/var/run/secrets", IN_ANY),
    D("/var/run/secrets/kubernetes.io", IN_ANY),
    D(SERVICE_ACCOUNT, IN_ANY),
    G(SERVICE_ACCOUNT "/namespace", IN_ANY),
    G(SERVICE_ACCOUNT "/token", IN_ANY),
    G(SERVICE_ACCOUNT "/ca.crt", IN_ANY),
    V("/dev/null", SPECIAL_NULL),
    V("/dev/zero", SPECIAL_ZERO),
    V("/dev/full", SPECIAL_FULL),
    V("/dev/random", SPECIAL_RANDOM),
    V("/dev/urandom", SPECIAL_RANDOM),
    V("/dev/tty", SPECIAL_TTY),
    V("/dev/stdin", SPECIAL_STDIN),
    V("/dev/stdout", SPECIAL_STDOUT),
    V("/dev/stderr", SPECIAL_STDERR),
    D("/dev/shm", IN_ANY),
    D("/dev/pts", IN_ANY),
    G("/etc/hostname", IN_ANY),
    G("/etc/hosts", IN_ANY),
    G("/etc/resolv.conf", IN_ANY),
    F("/etc/passwd", IN_SHELLS,
      "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\n"
      "nobody:x:65534:65534:nobody:/home:/bin/false\n"),
    F("/etc/group", IN_SHELLS, "root:x:0:\ndaemon:x:1:\nnogroup:x:65534:\n"),
    F("/etc/os-release", IN_DEBIAN,
      "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\n"
      "VERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n"),
    F("/etc/debian_version", IN_DEBIAN, "12.9\n"),
    F("/etc/os-release", IN_ALPINE,
      "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.24.2\nPRETTY_NAME=\"Alpine Linux v3.24\"\n"),
    F("/etc/alpine-release", IN_ALPINE, "3.24.2\n"),
    G("/proc/uptime", IN_ANY),
    G("/proc/mounts", IN_ANY),
    F("/proc/loadavg", IN_ANY, "0.00 0.00 0.00 1/1 1\n"),
    F("/proc/version", IN_ANY, "Linux version 6.1.0 podsim\n"),
    F("/proc/meminfo", IN_ANY,
      "MemTotal:       16384000 kB\nMemFree:        12288000 kB\nMemAvailable:   14336000 kB\n"),
    F("/proc/cpuinfo", IN_ANY, "processor\t: 0\nprocessor\t: 1\n"),
    L("/proc/self", IN_ANY, "/proc/1"),
};
enum { BASE_FILES = sizeof base_files / sizeof base_files[0] };

/* Without the token there is no directory of it. */
static bool is_hidden(const struct vcontainer *ct, const struct base_file *f)
{
    return ct->pub.config.no_token && strstr(f->path, "run/secrets");
}

static uint32_t where_of(const struct vcontainer *ct)
{
    uint32_t where = IN_ANY;
    if (ct->image->userland == USERLAND_BUSYBOX)
        where |= ct->image->usr_bin ? IN_BUSYBOX | IN_ALPINE : IN_BUSYBOX;
    if (ct->image->userland == USERLAND_DEBIAN)
        where |= IN_DEBIAN;
    return where;
}

/* Whether `path` is dir "/" name. */
static bool is_in(const char *path, const char *dir, const char *name, size_t len)
{
    size_t n = strcmp(dir, "/") == 0 ? 0 : strlen(dir);
    return strncmp(path, dir, n) == 0 && path[n] == '/' && strncmp(path + n + 1, name, len) == 0 &&
           path[n + 1 + len] == '\0';
}

static int32_t pid_of(const char *s, size_t len)
{
    int32_t pid = 0;
    for (size_t i = 0; i < len; i++) {
        if (s[i] < '0' || s[i] > '9' || i > 7)
            return 0;
        pid = pid * 10 + (s[i] - '0');
    }
    return pid;
}

static bool proc_entry(struct cri *c, const struct vcontainer *ct, const char *dir, const char *name, size_t len,
                       struct base_entry *ret)
{
    static const char *const files[] = {"cmdline", "comm", "status", "environ"};

    if (strcmp(dir, "/proc") == 0) {
        int32_t pid = pid_of(name, len);
        struct seen_process s;
        if (!pid_seen(c, ct, pid, &s))
            return false;
        *ret = (struct base_entry){.type = VNODE_DIR, .mode = 0555};
        return true;
    }
    if (strncmp(dir, "/proc/", 6) != 0 || !pid_of(dir + 6, strlen(dir + 6)))
        return false;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (strlen(files[i]) == len && memcmp(files[i], name, len) == 0) {
            *ret = (struct base_entry){.type = VNODE_FILE, .special = SPECIAL_GENERATED, .mode = 0444};
            return true;
        }
    }
    return false;
}

/* The rest of `path` if it begins with dir "/" name, else NULL. */
static const char *rest_of(const char *path, const char *dir, const char *name, size_t len)
{
    size_t n = strcmp(dir, "/") == 0 ? 0 : strlen(dir);
    bool is = strncmp(path, dir, n) == 0 && path[n] == '/' && strncmp(path + n + 1, name, len) == 0;
    const char *rest = is ? path + n + 1 + len : NULL;
    return rest && (*rest == '/' || !*rest) ? rest : NULL;
}

/* The i-th path that the image's catalogue entry names: of files, then of its program; NULL at the end. */
static const char *catalogue_path(const struct image *image, uint32_t i)
{
    const char *const *const lists[] = {image->entrypoint, image->cmd};
    if (i < image->files.count)
        return image->files.items[i].path;
    i -= image->files.count;
    if (i < image->binaries.count)
        return image->binaries.items[i];
    i -= image->binaries.count;
    for (size_t k = 0; k < 2; k++)
        if (lists[k] && lists[k][0][0] == '/' && i-- == 0)
            return lists[k][0];
    return NULL;
}

/* There is a directory of this name, because something that the image brings is below it. */
static bool is_above_something(const struct image *image, const char *dir, const char *name, size_t len)
{
    const char *path;
    for (uint32_t i = 0; (path = catalogue_path(image, i)); i++) {
        const char *rest = rest_of(path, dir, name, len);
        if (rest && *rest)
            return true;
    }
    return false;
}

/* A file of the image's catalogue entry; the last that says something of it counts. */
static bool catalogue_entry(const struct image *image, const char *dir, const char *name, size_t len,
                            struct base_entry *ret)
{
    for (uint32_t i = image->files.count; i-- > 0;) {
        const struct image_file *f = &image->files.items[i];
        const char *rest = rest_of(f->path, dir, name, len);
        uint16_t mode = (uint16_t)f->mode;
        if (!rest || *rest)
            continue;
        if (f->link)
            *ret = (struct base_entry){.type = VNODE_LINK, .mode = 0777, .content = f->link};
        else if (f->content)
            *ret = (struct base_entry){.type = VNODE_FILE, .mode = mode ? mode : 0644, .content = f->content};
        else
            *ret = (struct base_entry){.type = VNODE_DIR, .mode = mode ? mode : 0755};
        return true;
    }
    return false;
}

static bool is_termination_log(const struct vcontainer *ct, const char *dir, const char *name, size_t len)
{
    const char *path = ct->pub.config.termination_message_path;
    return path && is_in(path, dir, name, len);
}

bool image_entry(struct cri *c, const struct vcontainer *ct, const char *dir, const char *name, size_t len,
                 struct base_entry *ret)
{
    (void)c;
    uint32_t where = where_of(ct);
    size_t length = (strcmp(dir, "/") == 0 ? 0 : strlen(dir)) + 1 + len;
    char text[64];

    if (strncmp(dir, "/proc", 5) == 0 && proc_entry(c, ct, dir, name, len, ret))
        return true;
    if (is_termination_log(ct, dir, name, len)) {
        *ret = (struct base_entry){.type = VNODE_FILE, .mode = 0666, .termination_log = true};
        return true;
    }
    if (catalogue_entry(ct->image, dir, name, len, ret))
        return true;
    for (int pass = 0; pass < 2; pass++) { /* the userland's own word before IN_ANY's */
        for (uint32_t i = 0; i < BASE_FILES; i++) {
            const struct base_file *f = &base_files[i];
            if (f->length != length || is_hidden(ct, f) || !(f->where & where) || (f->where == IN_ANY) != pass ||
                !is_in(f->path, dir, name, len))
                continue;
            *ret = (struct base_entry){.type = f->type, .special = f->special, .mode = f->mode, .content = f->content};
            return true;
        }
    }
    if (is_above_something(ct->image, dir, name, len)) {
        *ret = (struct base_entry){.type = VNODE_DIR, .mode = 0755};
        return true;
    }
    if (len >= sizeof text)
        return false;
    memcpy(text, name, len);
    text[len] = '\0';
    const struct program *program = applet_in(ct, dir, text);
    if (!program)
        return false;
    *ret = (struct base_entry){.type = VNODE_FILE, .mode = 0755, .program = program};
    return true;
}

/* The part of `path` right below `dir` if it is exactly one name, else NULL. */
static const char *name_in(const char *path, const char *dir)
{
    size_t n = strcmp(dir, "/") == 0 ? 0 : strlen(dir);
    if (strncmp(path, dir, n) != 0 || path[n] != '/' || !path[n + 1] || strchr(path + n + 1, '/'))
        return NULL;
    return path + n + 1;
}

/* The part of `path` right below `dir`, whatever follows it, else NULL. */
static const char *name_below(const char *path, const char *dir, size_t *ret_len)
{
    size_t n = strcmp(dir, "/") == 0 ? 0 : strlen(dir);
    if (strncmp(path, dir, n) != 0 || path[n] != '/')
        return NULL;
    *ret_len = strcspn(path + n + 1, "/");
    return *ret_len ? path + n + 1 : NULL;
}

const char *image_entry_name(struct cri *c, const struct vcontainer *ct, const char *dir, uint32_t i)
{
    uint32_t where = where_of(ct);

    for (uint32_t k = 0; k < BASE_FILES; k++) {
        const char *name =
            (base_files[k].where & where) && !is_hidden(ct, &base_files[k]) ? name_in(base_files[k].path, dir) : NULL;
        if (name && i-- == 0)
            return name;
    }
    const char *path;
    for (uint32_t k = 0; (path = catalogue_path(ct->image, k)); k++) {
        size_t len;
        const char *below = name_below(path, dir, &len);
        if (below && i-- == 0)
            return arena_strndup(sim_arena(c->sim), below, len);
    }
    const char *log = ct->pub.config.termination_message_path;
    const char *name = log ? name_in(log, dir) : NULL;
    if (name && i-- == 0)
        return name;
    if (strcmp(dir, "/proc") == 0) {
        struct seen_process s = {0};
        while (pid_next_seen(c, ct, s.pid, &s))
            if (i-- == 0)
                return arena_printf(sim_arena(c->sim), "%" PRId32, s.pid);
        return NULL;
    }
    if (strncmp(dir, "/proc/", 6) == 0) {
        static const char *const files[] = {"cmdline", "comm", "status", "environ"};
        return i < 4 ? files[i] : NULL;
    }
    return applet_at(ct, dir, i);
}

/* ---- generated files ---- */

static void generate_hosts(struct cri *c, const struct vcontainer *ct, struct mem_owner *owner, struct mem_buf *b)
{
    const struct cri_sandbox_config *s = &ct->sandbox->pub.config;
    buf_puts(&c->mem, owner, b,
             "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost "
             "ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\n"
             "fe00::2\tip6-allrouters\n");
    buf_puts(&c->mem, owner, b, s->ip ? s->ip : "127.0.1.1");
    buf_putc(&c->mem, owner, b, '\t');
    if (s->domain) { /* k8s kubelet_pods.go managedHostsFileContent */
        buf_puts(&c->mem, owner, b, s->hostname);
        buf_putc(&c->mem, owner, b, '.');
        buf_puts(&c->mem, owner, b, s->domain);
        buf_putc(&c->mem, owner, b, '\t');
    }
    buf_puts(&c->mem, owner, b, s->hostname);
    buf_putc(&c->mem, owner, b, '\n');
    if (s->host_aliases.count)
        buf_puts(&c->mem, owner, b, "\n# Entries added by HostAliases.\n");
    for (uint32_t i = 0; i < s->host_aliases.count; i++) {
        const struct host_alias *alias = &s->host_aliases.items[i];
        buf_puts(&c->mem, owner, b, alias->ip);
        for (uint32_t k = 0; k < alias->hostnames.count; k++) {
            buf_putc(&c->mem, owner, b, '\t');
            buf_puts(&c->mem, owner, b, alias->hostnames.items[k]);
        }
        buf_putc(&c->mem, owner, b, '\n');
    }
}

static void put_line(struct cri *c, struct mem_owner *owner, struct mem_buf *b, const char *key, const str_list *words)
{
    if (words->count)
        buf_puts(&c->mem, owner, b, key);
    for (uint32_t i = 0; i < words->count; i++) {
        buf_putc(&c->mem, owner, b, ' ');
        buf_puts(&c->mem, owner, b, words->items[i]);
    }
    if (words->count)
        buf_putc(&c->mem, owner, b, '\n');
}

/* In the order that containerd writes it in: internal/cri/server/sandbox_run_linux.go parseDNSOptions. */
static void generate_resolv_conf(struct cri *c, const struct vcontainer *ct, struct mem_owner *owner, struct mem_buf *b)
{
    struct cri_dns dns;
    net_dns(c, ct, &dns);
    put_line(c, owner, b, "search", &dns.searches);
    for (uint32_t i = 0; i < dns.servers.count; i++) {
        str_list one = {.items = &dns.servers.items[i], .count = 1};
        put_line(c, owner, b, "nameserver", &one);
    }
    put_line(c, owner, b, "options", &dns.options);
}

static void put_arguments(struct cri *c, const struct seen_process *s, struct mem_owner *owner, struct mem_buf *b)
{
    for (int32_t i = 0; s->proc && i < s->proc->argc; i++)
        buf_add(&c->mem, owner, b, s->proc->argv[i], strlen(s->proc->argv[i]) + 1);
    for (const char *at = s->proc ? "" : s->command; *at; at++)
        buf_putc(&c->mem, owner, b, *at == ' ' ? '\0' : *at);
}

static void put_status(struct cri *c, const struct seen_process *s, struct mem_owner *owner, struct mem_buf *b)
{
    const struct proc *p = s->proc;
    const char *state = p && p->zombie ? "Z (zombie)" : "S (sleeping)";
    char line[80];
    int parent = p && p->parent ? (int)p->parent->pid : 0;
    snprintf(line, sizeof line, "\nState:\t%s\nPid:\t%d\nPPid:\t%d\n", state, (int)s->pid, parent);
    buf_puts(&c->mem, owner, b, "Name:\t");
    seen_name(c, owner, s, b);
    buf_puts(&c->mem, owner, b, line);
}

static void generate_proc_pid(struct cri *c, const struct vcontainer *ct, struct mem_owner *owner, const char *path,
                              struct mem_buf *b)
{
    struct seen_process s;
    const char *slash = strchr(path, '/'), *what = slash ? slash + 1 : "";
    if (!slash || !pid_seen(c, ct, pid_of(path, (size_t)(slash - path)), &s))
        return;
    if (strcmp(what, "cmdline") == 0) {
        put_arguments(c, &s, owner, b);
    } else if (strcmp(what, "environ") == 0) {
        const struct env *env = s.proc ? proc_env(c, s.proc) : NULL;
        for (uint32_t i = 0; env && i < env->count; i++)
            buf_add(&c->mem, owner, b, env->items[i], strlen(env->items[i]) + 1);
    } else if (strcmp(what, "comm") == 0) {
        seen_name(c, owner, &s, b);
        buf_putc(&c->mem, owner, b, '\n');
    } else if (strcmp(what, "status") == 0) {
        put_status(c, &s, owner, b);
    }
}

static void generate_uptime(struct cri *c, struct mem_owner *owner, struct mem_buf *b)
{
    char text[64];
    world_looked_beyond(c);
    int64_t centi = proc_now(c) / (10 * SIM_MS) + 8640000; /* the node was up for a day */
    int whole = (int)(centi / 100 % 1000000000), rest = (int)(centi % 100);
    snprintf(text, sizeof text, "%d.%02d %d.%02d\n", whole, rest, whole, rest);
    buf_puts(&c->mem, owner, b, text);
}

char *image_generated(struct cri *c, struct vcontainer *ct, struct mem_owner *owner, const char *path, size_t *ret_len)
{
    const struct cri_sandbox_config *s = &ct->sandbox->pub.config;
    const char *name = strrchr(path, '/') + 1;
    struct mem_buf b = {0};

    buf_add(&c->mem, owner, &b, "", 0);
    if (strcmp(path, "/etc/hosts") == 0) {
        generate_hosts(c, ct, owner, &b);
    } else if (strcmp(path, "/etc/hostname") == 0) {
        buf_puts(&c->mem, owner, &b, s->hostname);
        buf_putc(&c->mem, owner, &b, '\n');
    } else if (strcmp(path, "/etc/resolv.conf") == 0) {
        generate_resolv_conf(c, ct, owner, &b);
    } else if (strcmp(path, "/proc/uptime") == 0) {
        generate_uptime(c, owner, &b);
    } else if (strcmp(path, "/proc/mounts") == 0) {
        buf_puts(&c->mem, owner, &b, "overlay / overlay rw,relatime 0 0\nproc /proc proc rw,nosuid,nodev,noexec 0 0\n");
        for (uint32_t i = 0; i < ct->pub.config.mounts.count; i++) {
            buf_puts(&c->mem, owner, &b, "/dev/sda1 ");
            buf_puts(&c->mem, owner, &b, ct->pub.config.mounts.items[i].path);
            buf_puts(&c->mem, owner, &b,
                     ct->pub.config.mounts.items[i].read_only ? " ext4 ro 0 0\n" : " ext4 rw 0 0\n");
        }
    } else if (strncmp(path, "/proc/", 6) == 0) {
        generate_proc_pid(c, ct, owner, path + 6, &b);
    } else if (strcmp(name, "namespace") == 0) {
        buf_puts(&c->mem, owner, &b, s->namespace_);
    } else if (strcmp(name, "token") == 0) {
        buf_puts(&c->mem, owner, &b, "eyJhbGciOiJSUzI1NiJ9.podsim.token");
    } else if (strcmp(name, "ca.crt") == 0) {
        buf_puts(&c->mem, owner, &b, "-----BEGIN CERTIFICATE-----\npodsim\n-----END CERTIFICATE-----\n");
    }
    *ret_len = b.len;
    return b.data;
}
