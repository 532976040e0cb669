/* programs_client.c - what probes call to ask a server whether it is well: redis-cli ping, pg_isready,
 * mysqladmin ping and their like. Each answers by whether something listens where it would look.
 */
#include <string.h>

#include "model/net.h"
#include "model/programs.h"
#include "model/shell.h"

struct client {
    const char *image_program; /* the image that brings it */
    const char *name;
    int32_t port;
    const char *yes, *no; /* what it prints */
    bool no_on_stderr;
    int no_status;
};

static const struct client clients[] = {
    {"redis-server", "redis-cli", 6379, "PONG\n", "Could not connect to Redis at 127.0.0.1:6379: Connection refused\n",
     true, 1},
    {"mysqld", "mysqladmin", 3306, "mysqld is alive\n",
     "mysqladmin: connect to server at 'localhost' failed\nerror: 'Can't connect to local MySQL server through socket "
     "'/var/run/mysqld/mysqld.sock' (2)'\nCheck that mysqld is running and that the socket: "
     "'/var/run/mysqld/mysqld.sock' exists!\n",
     true, 1},
    {"mysqld", "mysql", 3306, "",
     "ERROR 2002 (HY000): Can't connect to local MySQL server through socket '/var/run/mysqld/mysqld.sock' (2)\n", true,
     1},
    {"mysqld", "mariadb-admin", 3306, "mysqld is alive\n", "mariadb-admin: connect to server at 'localhost' failed\n",
     true, 1},
    {"mysqld", "healthcheck.sh", 3306, "", "healthcheck connect failed\n", true, 1},
    {"postgres", "pg_isready", 5432, "/var/run/postgresql:5432 - accepting connections\n",
     "/var/run/postgresql:5432 - no response\n", false, 2},
    {"postgres", "psql", 5432, "",
     "psql: error: connection to server on socket \"/var/run/postgresql/.s.PGSQL.5432\" failed: "
     "No such file or directory\n",
     true, 2},
    {"mongod", "mongosh", 27017, "{ ok: 1 }\n", "MongoNetworkError: connect ECONNREFUSED 127.0.0.1:27017\n", true, 1},
    {"mongod", "mongo", 27017, "{ \"ok\" : 1 }\n", "Error: couldn't connect to server 127.0.0.1:27017\n", true, 1},
    {"rabbitmq-server", "rabbitmq-diagnostics", 5672, "Ping succeeded\n",
     "Error: unable to perform an operation on node\n", true, 69},
    {"rabbitmq-server", "rabbitmqctl", 5672, "", "Error: unable to perform an operation on node\n", true, 69},
    {"etcd", "etcdctl", 2379, "127.0.0.1:2379 is healthy: successfully committed proposal\n",
     "Error: unhealthy cluster\n", true, 1},
};

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

static int client_run(struct cri *c, struct proc *p)
{
    const char *name = strrchr(p->argv[0], '/') ? strrchr(p->argv[0], '/') + 1 : p->argv[0];
    for (size_t i = 0; i < ARRAY_LEN(clients); i++) {
        const struct client *k = &clients[i];
        struct net_name to;
        if (strcmp(k->name, name) != 0)
            continue;
        net_resolve(c, p->container, option_host(p), &to);
        int64_t port = option_port(p, k->port);
        bool up = to.found && port > 0 && port < 65536 && net_dial(c, p->container, &to, (int32_t)port) == NET_OK;
        out_puts(c, p, !up && k->no_on_stderr ? 2 : 1, up ? k->yes : k->no);
        return up ? 0 : k->no_status;
    }
    return 0;
}

static const struct command command_client = COMMAND("client", client_run);

const struct program *client_program(const struct image *image, const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(clients) && image->program; i++)
        if (strcmp(clients[i].name, name) == 0 && strcmp(clients[i].image_program, image->program) == 0)
            return &command_client.program;
    return NULL;
}
