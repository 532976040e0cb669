/* programs_client.c - what probes call to ask a server whether it is well: redis-cli ping, pg_isready,
 * mysqladmin ping and their like. The image's catalogue entry says what they print (struct image_tool); each answers
 * by whether something listens where it would look.
 */
#include <string.h>

#include "model/net.h"
#include "model/programs.h"
#include "model/shell.h"

static int64_t option_port(const struct proc *p, int64_t otherwise)
{
    int64_t port = otherwise;
    for (int i = 1; i < p->argc; i++) {
        const char *arg = p->argv[i], *value = NULL;
        if (strcmp(arg, "-p") == 0 && i + 1 < p->argc)
            value = p->argv[i + 1];
        else if (strncmp(arg, "--port=", 7) == 0)
            value = arg + 7;
        if (value && !parse_int64(value, &port))
            port = otherwise;
    }
    return port;
}

static const char *option_host(const struct proc *p)
{
    for (int i = 1; i < p->argc; i++) {
        if (strcmp(p->argv[i], "-h") == 0 && i + 1 < p->argc)
            return p->argv[i + 1];
        if (strncmp(p->argv[i], "--host=", 7) == 0)
            return p->argv[i] + 7;
    }
    return "127.0.0.1";
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
    net_resolve(c, p->container, option_host(p), &to);
    int64_t port = option_port(p, k->port);
    bool up = to.found && port > 0 && port < 65536 && net_dial(c, p->container, &to, (int32_t)port) == NET_OK;
    const char *text = up ? k->up : k->down;
    if (text)
        out_puts(c, p, !up && !k->down_on_stdout ? 2 : 1, text);
    return up ? 0 : k->down_exit ? (int)k->down_exit : 1;
}

static const struct command command_client = COMMAND("client", client_run);

const struct program *client_program(const struct image *image, const char *name)
{
    return tool_named(image, name) ? &command_client.program : NULL;
}
