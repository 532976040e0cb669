/* programs_sysctl.c - sysctl: settings of the node's kernel, as init containers write them for databases.
 *
 * Mirrors busybox procps/sysctl.c. /proc/sys is mounted read-only unless the container is privileged. What is written
 * is remembered by the container only: nothing in podsim depends on a kernel setting.
 */
#include <string.h>

#include "model/programs.h"
#include "model/value.h"

static const struct {
    const char *key, *value;
} settings[] = {
    {"fs.file-max", "9223372036854775807"},
    {"fs.inotify.max_user_instances", "128"},
    {"fs.inotify.max_user_watches", "65536"},
    {"kernel.pid_max", "4194304"},
    {"kernel.shmmax", "18446744073692774399"},
    {"net.core.somaxconn", "4096"},
    {"net.ipv4.ip_forward", "1"},
    {"net.ipv4.ip_local_port_range", "32768\t60999"},
    {"net.ipv4.ip_unprivileged_port_start", "0"},
    {"net.ipv4.tcp_keepalive_time", "7200"},
    {"vm.max_map_count", "65530"},
    {"vm.overcommit_memory", "1"},
    {"vm.swappiness", "60"},
};

static bool is_privileged(const struct vcontainer *ct)
{
    const struct container *spec = ct->pub.config.spec;
    const struct value *privileged =
        spec && spec->security_context ? value_get(spec->security_context, "privileged") : NULL;
    return privileged && privileged->type == VALUE_BOOL && privileged->boolean;
}

static int find(const char *key, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(settings); i++)
        if (strlen(settings[i].key) == len && strncmp(settings[i].key, key, len) == 0)
            return (int)i;
    return -1;
}

static int sysctl_one(struct cri *c, struct proc *p, const char *arg, bool value_only, bool quiet)
{
    size_t len = strcspn(arg, "=");
    int i = find(arg, len);
    if (i < 0) {
        err_printf(c, p, "error: '%.*s' is an unknown key", (int)len, arg);
        return 1;
    }
    if (arg[len] && !is_privileged(p->container)) {
        err_printf(c, p, "error setting key '%.*s': Read-only file system", (int)len, arg);
        return 1;
    }
    const char *value = arg[len] ? arg + len + 1 : settings[i].value;
    if (value_only)
        out_printf(c, p, 1, "%s\n", value);
    else if (!quiet)
        out_printf(c, p, 1, "%s = %s\n", settings[i].key, value);
    return 0;
}

static int sysctl_run(struct cri *c, struct proc *p)
{
    struct options o = {.p = p};
    bool value_only = false, quiet = false;
    int code = 0;
    for (int letter; (letter = option_next(&o, ""));) {
        value_only |= letter == 'n';
        quiet |= letter == 'q';
        for (size_t i = 0; letter == 'a' && i < ARRAY_LEN(settings); i++)
            out_printf(c, p, 1, "%s = %s\n", settings[i].key, settings[i].value);
    }
    for (int i = o.next; i < p->argc; i++)
        code |= sysctl_one(c, p, p->argv[i], value_only, quiet);
    return code;
}

static const struct command command_sysctl = COMMAND("sysctl", sysctl_run);

const struct applet sysctl_applets[] = {
    {"sysctl", &command_sysctl.program, IMAGE_SHELLS},
    {NULL, NULL, 0},
};
