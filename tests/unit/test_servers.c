/* test_servers.c - programs of images: what nginx reads off its configuration, agnhost's subcommands, interpreters, and
 * what is taken for granted of an image that nobody knows.
 */
#include "cri_world.h"

#include "model/image_doc.h"

#include "tap.h"

static struct cri_container_config config_of(struct world *w, const char *image, const char *const *args)
{
    struct cri_container_config config = {.name = "main", .image = image};
    config.args = world_list(w, args);
    return config;
}

static struct http_reply get(struct world *w, const char *path, int32_t port)
{
    struct http_request request = {.method = "GET",
                                   .ip = "10.244.1.5",
                                   .port = port,
                                   .path = path,
                                   .host = "10.244.1.5",
                                   .user_agent = "kube-probe/1.36"};
    struct http_reply reply = {0};
    cri_http(w->cri, &request, &reply);
    return reply;
}

/* The messages of diagnostics, one per line. */
static const char *said(const struct world *w)
{
    static char text[4000];
    const struct trace *t = sim_trace(w->sim);
    text[0] = '\0';
    for (uint32_t i = 1; i < trace_count(t); i++) {
        const struct trace_diag *d = trace_at(t, i)->kind == TRACE_DIAG ? trace_at(t, i)->data : NULL;
        if (d && strlen(text) + strlen(d->message) + 2 < sizeof text)
            strcat(strcat(text, d->message), "\n");
    }
    return text;
}

/* ---- nginx ---- */

static void nginx_obeys_its_configuration(void)
{
    static const struct {
        const char *conf, *path;
        int32_t port, status; /* 0 = refused */
        const char *body;     /* NULL = any */
    } rows[] = {
        {"server { listen 8080; root /srv; }", "/", 8080, 200, "srv\n"},
        {"server { listen 8080; root /srv; }", "/", 80, 0, NULL},
        {"server { listen 0.0.0.0:81 default_server; location / { root /srv; } }", "/", 81, 200, "srv\n"},
        {"server { listen 80; root /srv; }\nserver { listen 81; root /usr/share/nginx/html; }", "/x", 81, 404, NULL},
        {"server { listen 80; location /healthz { return 200 'fine'; } }", "/healthz", 80, 200, "fine"},
        {"server { listen 80; location = /healthz { return 204; } location / { return 503; } }", "/healthz", 80, 204,
         ""},
        {"server { listen 80; location = /healthz { return 204; } location / { return 503; } }", "/healthz/x", 80, 503,
         NULL},
        {"server { listen 80; location /a { return 200 a; } location /a/b { return 200 b; } }", "/a/b/c?d", 80, 200,
         "b"},
        {"server { listen 80; location /old { return 301 /new; } }", "/old", 80, 301, NULL},
        {"server { listen 80; return 302 http://example.com/; }", "/", 80, 302, NULL},
        {"# listen 81;\nserver {\n  listen 80; # 82\n  location ~ \\.php$ { return 403; }\n root /srv; }", "/", 80, 200,
         "srv\n"},
        {"server { listen [::]:80; listen unix:/run/x; listen 83; root /srv; }", "/", 83, 200, "srv\n"},
        {"server { listen 80; root /srv", "/", 80, 200, NULL},
        {"} } ; server ; { listen 80 }", "/", 80, 0, NULL},
        {"", "/", 80, 0, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        world_init(&w);
        tap_row("%s: %s:%d", rows[i].conf, rows[i].path, (int)rows[i].port);
        struct cri_container_config config = {.name = "main", .image = "nginx:1.25"};
        uint32_t volume = cri_volume_new(w.cri, "node1", NULL), srv = cri_volume_new(w.cri, "node1", NULL);
        cri_volume_write(w.cri, volume, "own.conf", rows[i].conf, strlen(rows[i].conf));
        cri_volume_write(w.cri, srv, "index.html", "srv\n", 4);
        struct cri_mount mounts[] = {{.volume = volume, .path = "/etc/nginx/conf.d"}, {.volume = srv, .path = "/srv"}};
        config.mounts.items = mounts;
        config.mounts.count = ARRAY_LEN(mounts);
        world_start(&w, config);
        world_run(&w, SIM_SECOND);
        struct http_reply reply = get(&w, rows[i].path, rows[i].port);
        CHECK_INT(reply.result, rows[i].status ? NET_OK : NET_REFUSED);
        if (rows[i].status)
            CHECK_INT(reply.status, rows[i].status);
        if (rows[i].body)
            CHECK_STR(reply.body, rows[i].body);
        world_fini(&w);
    }
}

/* ---- agnhost ---- */

static void agnhost_answers(void)
{
    static const struct {
        const char *args[5], *path;
        int32_t port, status;
        const char *body;
    } rows[] = {
        {{"netexec"}, "/", 8080, 200, NULL},
        {{"netexec", "--http-port=80"}, "/hostname", 80, 200, "pod"},
        {{"netexec", "--http-port", "80"}, "/hostName", 80, 200, "pod"},
        {{"netexec"}, "/echo?msg=a%20b&code=418", 8080, 418, "a b"},
        {{"netexec"}, "/clientip", 8080, 200, "10.244.1.1:40000"},
        {{"netexec"}, "/serverport", 8080, 200, "8080"},
        {{"netexec"}, "/readyz", 8080, 200, "ok"},
        {{"netexec"}, "/healthz", 8080, 200, ""},
        {{"netexec"}, "/redirect?location=/echo&code=307", 8080, 307, NULL},
        {{"netexec"}, "/dial?host=10.244.1.5&port=8080&request=hostname", 8080, 200, "{\"responses\":[\"pod\"]}"},
        {{"netexec"}, "/dial?host=10.244.1.5", 8080, 400, NULL},
        {{"netexec", "--http-override=/echo?msg=x"}, "/hostname", 8080, 200, "x"},
        {{"serve-hostname"}, "/any", 9376, 200, "pod"},
        {{"serve-hostname", "--port=80"}, "/", 80, 200, "pod"},
        {{"test-webserver"}, "/etc/hostname", 80, 200, "pod\n"},
        {{"test-webserver"}, "/missing", 80, 404, NULL},
        {{"liveness"}, "/healthz", 8080, 200, "ok"},
        {{"grpc-health-checking"}, "/make-not-serving", 8080, 200, NULL},
        {{"porter"}, "/", 1234, 200, "hello"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        struct str_pair env = {"SERVE_PORT_1234", "hello"};
        world_init(&w);
        tap_row("%s %s", rows[i].args[0], rows[i].path);
        struct cri_container_config config =
            config_of(&w, "registry.k8s.io/e2e-test-images/agnhost:2.40", rows[i].args);
        config.env.items = &env;
        config.env.count = 1;
        world_start(&w, config);
        world_run(&w, SIM_SECOND);
        struct http_reply reply = get(&w, rows[i].path, rows[i].port);
        CHECK_INT(reply.result, NET_OK);
        CHECK_INT(reply.status, rows[i].status);
        if (rows[i].body)
            CHECK_STR(reply.body, rows[i].body);
        world_fini(&w);
    }
}

static void agnhost_takes_signals(void)
{
    static const struct {
        const char *image, *args[4];
        int32_t exit_code;
        sim_time after; /* the signal */
    } rows[] = {
        {"agnhost:2.40", {"pause"}, 2, 0},
        {"agnhost:2.40", {"netexec"}, 0, 0}, /* kubernetes/kubernetes #110212 */
        {"agnhost:2.21", {"netexec"}, 2, 0},
        {"agnhost", {"netexec", "--delay-shutdown=5"}, 0, 5 * SIM_SECOND},
        {"agnhost", {"serve-hostname"}, 0, 60 * SIM_SECOND},
        {"agnhost", {"liveness"}, 2, 0},
        {"agnhost", {"porter"}, 2, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        world_init(&w);
        tap_row("%s %s", rows[i].image, rows[i].args[0]);
        uint32_t ct = world_start(&w, config_of(&w, rows[i].image, rows[i].args));
        world_run(&w, 10 * SIM_SECOND);
        cri_signal(w.cri, ct, VSIGTERM);
        world_run(&w, 100 * SIM_SECOND);
        CHECK_INT(cri_container(w.cri, ct)->state, CRI_EXITED);
        CHECK_INT(cri_container(w.cri, ct)->exit_code, rows[i].exit_code);
        CHECK_INT(cri_container(w.cri, ct)->finished_at, 10 * SIM_SECOND + rows[i].after);
        world_fini(&w);
    }
}

static void agnhost_prints(void)
{
    static const struct {
        const char *args[4], *log;
        int32_t exit_code;
    } rows[] = {
        {{"entrypoint-tester", "a", "b c"}, "[/agnhost entrypoint-tester a b c]\n", 0},
        {{"mounttest", "--file_content=/etc/hostname"}, "content of file \"/etc/hostname\": pod\n\n", 0},
        {{"mounttest", "--file_mode=/tmp"}, "mode of file \"/tmp\": drwxrwxrwx\n", 0},
        {{"mounttest", "--file_content=/x"},
         "error reading file content for \"/x\": open /x: no such file or directory\n",
         1},
        {{"nothing"},
         "Error: unknown command \"nothing\" for \"app\"\nRun 'app --help' for usage.\nunknown command \"nothing\" for "
         "\"app\"\n",
         1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        world_init(&w);
        tap_row("%s %s", rows[i].args[0], rows[i].args[1] ? rows[i].args[1] : "");
        uint32_t ct = world_start(&w, config_of(&w, "agnhost", rows[i].args));
        world_run(&w, SIM_SECOND);
        CHECK_STR(world_log(&w, ct), rows[i].log);
        CHECK_INT(cri_container(w.cri, ct)->exit_code, rows[i].exit_code);
        world_fini(&w);
    }
}

/* ---- interpreters ---- */

static void small_programs_are_run(void)
{
    static const struct {
        const char *image, *args[4], *log;
        int32_t exit_code; /* -1 = it runs on */
        sim_time takes;
    } rows[] = {
        {"python", {"python", "-c", "print('a; b'); print(3)"}, "a; b\n3\n", 0, 0},
        {"python", {"python3", "-c", "import time\nprint(\"x\")\ntime.sleep(2.5)\nexit(3)"}, "x\n", 3, 2500 * SIM_MS},
        {"python", {"python3", "-c", "import time\nwhile True: time.sleep(1)"}, "", -1, 0},
        {"python", {"python3", "-c", "import sys; sys.exit(0); print(1)"}, "", 0, 0},
        {"python", {"python3", "-c", "x = [1, 2"}, "", 0, 0},
        {"python", {"python3", "--version"}, "Python 3.14.0\n", 0, 0},
        {"python", {"python3"}, "", 0, 0},
        {"node", {"node", "-e", "console.log('hi')"}, "hi\n", 0, 0},
        {"node", {"node", "-e", "setInterval(() => {}, 1000)"}, "", -1, 0},
        {"php", {"php", "-r", "echo 'x'; sleep(1); exit(2);"}, "x\n", 2, SIM_SECOND},
        {"perl", {"perl", "-e", "print \"x\""}, "x\n", 0, 0},
        {"perl", {"perl", "-de0"}, "", 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        world_init(&w);
        tap_row("%s %s", rows[i].image, rows[i].args[2] ? rows[i].args[2] : rows[i].args[0]);
        struct cri_container_config config = {.name = "main", .image = rows[i].image};
        config.command = world_list(&w, rows[i].args);
        uint32_t ct = world_start(&w, config);
        world_run(&w, 60 * SIM_SECOND);
        CHECK_STR(world_log(&w, ct), rows[i].log);
        CHECK_INT(cri_container(w.cri, ct)->state, rows[i].exit_code < 0 ? CRI_RUNNING : CRI_EXITED);
        if (rows[i].exit_code >= 0) {
            CHECK_INT(cri_container(w.cri, ct)->exit_code, rows[i].exit_code);
            CHECK_INT(cri_container(w.cri, ct)->finished_at, rows[i].takes);
        }
        world_fini(&w);
    }
}

/* ---- what nobody knows ---- */

static struct container spec_with_ports(void)
{
    static struct container_port ports[] = {{.name = "http", .container_port = 3000},
                                            {.name = "dns", .container_port = 53, .protocol = "UDP"}};
    static struct http_get_action http = {.port = {.text = "http", .set = true}};
    static struct grpc_action grpc = {.port = 9000};
    static struct probe live = {.http_get = &http}, ready = {.grpc = &grpc};
    struct container c = {.liveness_probe = &live, .readiness_probe = &ready};
    c.ports.items = ports;
    c.ports.count = ARRAY_LEN(ports);
    return c;
}

static void an_unknown_image_serves_the_manifests_ports_and_says_so_once(void)
{
    struct world w;
    struct container spec = spec_with_ports();
    world_init(&w);
    struct cri_container_config config = {.name = "main", .image = "example.com/shop/api:1", .spec = &spec};
    uint32_t ct = world_start(&w, config);
    CHECK_INT(get(&w, "/", 3000).result, NET_REFUSED);
    world_run(&w, 2 * SIM_SECOND);
    CHECK_INT(get(&w, "/anything", 3000).status, 200);
    CHECK_INT(get(&w, "/", 9000).result, NET_OK);
    CHECK_INT(get(&w, "/", 53).result, NET_REFUSED);
    CHECK_INT(get(&w, "/", 8080).result, NET_REFUSED);
    const char *once = "image api:1 is not in the catalogue: taken for a server on ports 3000, 9000, up after 1s, that "
                       "answers 200 and ends at SIGTERM; to say otherwise: podsim help images\n";
    CHECK_STR(said(&w), once);
    cri_signal(w.cri, ct, VSIGTERM);
    world_run(&w, 3 * SIM_SECOND);
    CHECK_INT(cri_container(w.cri, ct)->exit_code, 0);
    world_start(&w, config);
    world_run(&w, 5 * SIM_SECOND);
    CHECK_STR(said(&w), once);
    world_fini(&w);
}

static void without_a_word_about_ports_any_is_open(void)
{
    struct world w;
    world_init(&w);
    world_start(&w, (struct cri_container_config){.name = "main", .image = "example.com/shop/api"});
    world_run(&w, 2 * SIM_SECOND);
    CHECK_INT(get(&w, "/", 12345).status, 200);
    CHECK_CONTAINS(said(&w), "taken for a server on any port, up after 1s");
    world_fini(&w);
}

static void scripts_are_servers_of_their_language(void)
{
    static const struct {
        const char *image, *args[4], *said;
        bool ends; /* at SIGTERM */
    } rows[] = {
        {"python:3.12",
         {"python", "app.py"},
         "'python app.py' (image python:3.12) is taken for a server on ports 3000, 9000, up after 1s, that answers 200 "
         "and ignores SIGTERM; to say otherwise: podsim help images\n",
         false},
        {"shop/web",
         {"node", "server.js"},
         "'node server.js' (image web) is taken for a server on ports 3000, 9000, up after 1s, that answers 200 and "
         "ignores SIGTERM; to say otherwise: podsim help images\n",
         false},
        {"eclipse-temurin",
         {"java", "-jar", "/app.jar"},
         "'java -jar /app.jar' (image eclipse-temurin) is taken for a server on ports 3000, 9000, up after 5s, that "
         "answers 200 and ends at SIGTERM; to say otherwise: podsim help images\n",
         true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        struct container spec = spec_with_ports();
        world_init(&w);
        tap_row("%s", rows[i].image);
        struct cri_container_config config = {.name = "main", .image = rows[i].image, .spec = &spec};
        config.command = world_list(&w, rows[i].args);
        uint32_t ct = world_start(&w, config);
        world_run(&w, 10 * SIM_SECOND);
        CHECK_INT(get(&w, "/", 3000).status, 200);
        CHECK_STR(said(&w), rows[i].said);
        cri_signal(w.cri, ct, VSIGTERM);
        world_run(&w, 20 * SIM_SECOND);
        CHECK_INT(cri_container(w.cri, ct)->state, rows[i].ends ? CRI_EXITED : CRI_RUNNING);
        world_fini(&w);
    }
}

/* ---- tools ---- */

static const struct cri_exec *ask(struct world *w, uint32_t ct, const char *const *argv)
{
    uint32_t id = world_exec(w, ct, argv, SIM_MS);
    world_run(w, sim_now(w->sim) + SIM_MS);
    return cri_exec_result(w->cri, id);
}

static void tools_ask_the_server(void)
{
    static const struct {
        const char *image, *command[5], *before, *after;
        int32_t exit_before;
        sim_time up;
    } rows[] = {
        {"postgres",
         {"pg_isready"},
         "/var/run/postgresql:5432 - no response\n",
         "/var/run/postgresql:5432 - accepting connections\n",
         2,
         4 * SIM_SECOND},
        {"redis", {"redis-cli", "ping"}, NULL, "PONG\n", 1, SIM_SECOND},
        {"mysql", {"mysqladmin", "-uroot", "-psecret", "ping"}, NULL, "mysqld is alive\n", 1, 15 * SIM_SECOND},
        {"mongo", {"mongosh", "--eval", "db.adminCommand('ping')"}, NULL, "{ ok: 1 }\n", 1, 5 * SIM_SECOND},
        {"rabbitmq:3-management",
         {"rabbitmq-diagnostics", "-q", "ping"},
         NULL,
         "Ping succeeded\n",
         69,
         10 * SIM_SECOND},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world w;
        world_init(&w);
        tap_row("%s", rows[i].image);
        uint32_t ct = world_start(&w, (struct cri_container_config){.name = "main", .image = rows[i].image});
        const struct cri_exec *r = ask(&w, ct, rows[i].command);
        CHECK_INT(r->exit_code, rows[i].exit_before);
        if (rows[i].before)
            CHECK_STR(r->output, rows[i].before);
        world_run(&w, rows[i].up);
        r = ask(&w, ct, rows[i].command);
        CHECK_INT(r->exit_code, 0);
        CHECK_STR(r->output, rows[i].after);
        world_fini(&w);
    }
}

/* ---- the built-in catalogue ---- */

/* Its own command is found; which ports are open is what the entry says. */
static void every_image_of_the_catalogue_starts(void)
{
    for (uint32_t i = 0; i < built_in_name_count; i++) {
        struct world w;
        const char *name = built_in_names[i].name;
        world_init(&w);
        tap_row("%s", name);
        uint32_t ct = world_start(&w, (struct cri_container_config){.name = "main", .image = name});
        world_run(&w, 60 * SIM_SECOND);
        const struct cri_container *c = cri_container(w.cri, ct);
        const struct image *image = image_find(&w.images, name);
        bool wants_text = text_is(image->program, "http-echo"); /* and exits with 127 without */
        CHECK(c->state == CRI_RUNNING || (c->exit_code != 127 && c->exit_code != 128) || wants_text);
        CHECK_STR(said(&w), "");
        bool serves = c->state == CRI_RUNNING && image->ports.count && !text_is(image->program, "agnhost");
        if (serves)
            CHECK(get(&w, "/", (int32_t)image_port(image)).result != NET_REFUSED);
        world_fini(&w);
    }
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(nginx_obeys_its_configuration),
        TAP_TEST(agnhost_answers),
        TAP_TEST(agnhost_takes_signals),
        TAP_TEST(agnhost_prints),
        TAP_TEST(small_programs_are_run),
        TAP_TEST(an_unknown_image_serves_the_manifests_ports_and_says_so_once),
        TAP_TEST(without_a_word_about_ports_any_is_open),
        TAP_TEST(scripts_are_servers_of_their_language),
        TAP_TEST(tools_ask_the_server),
        TAP_TEST(every_image_of_the_catalogue_starts),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
