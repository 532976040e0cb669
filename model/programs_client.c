/* programs_client.c - what probes call to ask a server whether it is well: redis-cli ping, pg_isready,
 * mysqladmin ping and their like. The image's catalogue entry says what they print (struct image_tool); each answers
 * by whether something listens where it would look.
 */
#include <string.h>

#include "model/net.h"
#include "model/programs.h"
#include "model/programs_server.h"
#include "model/shell.h"

/* -p is a password to MySQL's tools, which say -P. */
static int64_t option_port(const struct proc *p, int64_t otherwise)
{
    static const char *const names[] = {"port", "P", "p"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *value = option_value(p, names[i], NULL);
        int64_t port;
        if (value && parse_int64(value, &port))
            return port;
    }
    return otherwise;
}

/* NULL: it asks its own machine, by a socket in the file system. */
static const char *option_host(const struct proc *p)
{
    const char *host = option_value(p, "host", option_value(p, "h", NULL));
    return host && strcmp(host, "localhost") != 0 ? host : NULL;
}

static void print_answer(struct cri *c, struct proc *p, int fd, const char *text, const char *host, int64_t port)
{
    for (const char *s = text; *s;) {
        size_t n = strcspn(s, "$");
        if (n)
            fd_write(c, p, fd, s, n);
        s += n;
        if (strncmp(s, "$(host)", 7) == 0)
            s += 7, out_puts(c, p, fd, host);
        else if (strncmp(s, "$(port)", 7) == 0)
            s += 7, out_printf(c, p, fd, "%d", (int)port);
        else if (*s)
            out_printf(c, p, fd, "%c", *s++);
    }
}

static const struct image_tool *tool_named(const struct image *image, const char *name)
{
    for (uint32_t i = image->tools.count; i-- > 0;)
        if (strcmp(image->tools.items[i].name, name) == 0)
            return &image->tools.items[i];
    return NULL;
}

static int client_run(struct cri *c, struct proc *p)
{
    const char *slash = strrchr(p->argv[0], '/');
    const struct image_tool *k = tool_named(p->container->image, slash ? slash + 1 : p->argv[0]);
    struct net_name to;
    if (!k)
        return 0;
    const char *host = option_host(p);
    net_resolve(c, p->container, host ? host : "127.0.0.1", &to);
    int64_t port = option_port(p, k->port);
    bool up = to.found && port > 0 && port < 65536 && net_dial(c, p->container, &to, (int32_t)port) == NET_OK;
    const char *text = up ? k->up : k->down, *of_host = up ? k->host_up : k->host_down;
    if (host && of_host)
        text = of_host;
    if (text)
        print_answer(c, p, !up && !k->down_on_stdout ? 2 : 1, text, host ? host : "localhost", port);
    return up ? 0 : k->down_exit ? (int)k->down_exit : 1;
}

static const struct command command_client = COMMAND("client", client_run);

const struct program *client_program(const struct image *image, const char *name)
{
    return tool_named(image, name) ? &command_client.program : NULL;
}

/* ---- kubectl ---- */

/* There is no API server to talk to from inside a container, whatever its service account may do. */
static int kubectl_run(struct cri *c, struct proc *p)
{
    const char *verb = p->argc > 1 ? p->argv[1] : "--help";
    if (strcmp(verb, "--help") == 0 || strcmp(verb, "help") == 0 || strcmp(verb, "options") == 0) {
        out_puts(c, p, 1, "kubectl controls the Kubernetes cluster manager.\n");
        return 0;
    }
    if (strcmp(verb, "version") == 0 && strcmp(option_value(p, "client", "false"), "false") != 0) {
        out_puts(c, p, 1, "Client Version: v1.36.0\n");
        return 0;
    }
    if (first_report(c, p->container, "kubectl"))
        report_diag(c, p->container, script_pos(c, p->container, NULL, 0, false),
                    "kubectl in a container reaches no API server in podsim: it fails");
    out_puts(c, p, 2,
             "The connection to the server localhost:8080 was refused - did you specify the right host or port?\n");
    return 1;
}

const struct command command_kubectl = COMMAND("kubectl", kubectl_run);
