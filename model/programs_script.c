/* programs_script.c - interpreters: python, node, java, php, ruby, perl.
 *
 * podsim does not run their programs. What one would start with a script, a module or a jar is taken for a server of
 * that language, and that is said once. Of programs given on the command line (python -c) the simplest statements
 * are run: print, sleep, exit, an endless loop; any other is told, and does nothing.
 */
#include <string.h>

#include "model/programs.h"
#include "model/programs_server.h"
#include "model/shell.h"

struct language {
    struct program program;      /* step = script_step */
    const struct server *server; /* what runs a script */
    const char *code[3];         /* options that are followed by a program */
    const char *version_options; /* " -V --version " */
    const char *version;         /* printed to standard output */
    bool needs_operand;          /* without a script it reads standard input */
};

struct script_data {
    bool begun;
    const char *code;
    size_t at, loop; /* in code; where the endless loop began, SIZE_MAX = none */
    sim_time until;  /* it sleeps */
    bool looped;     /* the loop has slept at least once */
};

/* ---- programs on the command line ---- */

/* The next statement, without blanks around it; ends at ";", a newline or a brace. */
static char *next_statement(struct cri *c, struct script_data *d)
{
    const char *from = d->code + d->at, *s = from;
    char quote = 0;
    for (; *s; s++) {
        if (quote)
            quote = *s == quote ? 0 : quote;
        else if (*s == '"' || *s == '\'')
            quote = *s;
        else if (strchr(";\n{}", *s))
            break;
    }
    d->at += (size_t)(s - from) + (*s != 0);
    from += strspn(from, " \t");
    size_t n = s > from ? (size_t)(s - from) : 0;
    while (n && strchr(" \t", from[n - 1]))
        n--;
    return mem_strndup(&c->mem, NULL, from, n);
}

/* What follows one of the words and an opening parenthesis or blank, or NULL. */
static const char *after_word(const char *s, const char *const *words)
{
    for (; *words; words++) {
        size_t n = strlen(*words);
        if (strncmp(s, *words, n) == 0 && (!s[n] || strchr("( ", s[n])))
            return s + n + strspn(s + n, "( ");
    }
    return NULL;
}

static bool begins(const char *s, const char *const *words)
{
    for (; *words; words++)
        if (strncmp(s, *words, strlen(*words)) == 0)
            return true;
    return false;
}

/* A literal; false when it is anything else. */
static bool print_literal(struct cri *c, struct proc *p, const char *s)
{
    char quote = *s;
    if (quote != '"' && quote != '\'') {
        size_t n = strspn(s, "0123456789.");
        if (n == 0 && *s != ')' && *s)
            return false;
        out_printf(c, p, 1, "%.*s\n", (int)n, s);
        return s[n] == ')' || !s[n];
    }
    size_t n = strcspn(s + 1, quote == '"' ? "\"\\" : "'\\");
    if (s[n + 1] != quote)
        return false;
    bool whole = !s[n + 2] || s[n + 2] == ')'; /* not print("a", b) */
    if (whole)
        out_printf(c, p, 1, "%.*s\n", (int)n, s + 1);
    return whole;
}

enum effect { EFFECT_NONE, EFFECT_SLEEP, EFFECT_EXIT, EFFECT_LOOP, EFFECT_FOREVER, EFFECT_UNKNOWN };

static enum effect run_statement(struct cri *c, struct proc *p, const char *s, sim_time *ret_sleep, int *ret_code)
{
    static const char *const prints[] = {"print", "console.log", "puts", "echo", "say", NULL};
    static const char *const sleeps[] = {"time.sleep", "sleep", NULL};
    static const char *const exits[] = {"sys.exit", "process.exit", "exit", "quit", "os._exit", NULL};
    static const char *const loops[] = {"while True:", "while 1:", "while (true)", "while(true)", "while(1)",
                                        "loop",        NULL};
    static const char *const nothing[] = {"import ", "from ", "require", "use ", "const ", "#", "//", "pass", NULL};
    const char *argument;
    if (!*s || begins(s, nothing))
        return EFFECT_NONE;
    if ((argument = after_word(s, prints)))
        return print_literal(c, p, argument) ? EFFECT_NONE : EFFECT_UNKNOWN;
    if ((argument = after_word(s, sleeps)) && *argument >= '0' && *argument <= '9') {
        char *number = mem_strndup(&c->mem, NULL, argument, strspn(argument, "0123456789."));
        bool good = parse_duration(number, ret_sleep);
        mem_free(&c->mem, number);
        return good ? EFFECT_SLEEP : EFFECT_UNKNOWN;
    }
    if ((argument = after_word(s, exits))) {
        int64_t code = 0;
        char *number = mem_strndup(&c->mem, NULL, argument, strspn(argument, "0123456789"));
        parse_int64(*number ? number : "0", &code);
        mem_free(&c->mem, number);
        *ret_code = (int)(code & 0xff);
        return EFFECT_EXIT;
    }
    if (strncmp(s, "setInterval", 11) == 0)
        return EFFECT_FOREVER;
    return begins(s, loops) ? EFFECT_LOOP : EFFECT_UNKNOWN;
}

static void unknown_code(struct cri *c, struct proc *p)
{
    if (first_report(c, p->container, p->program->name))
        report_diag(c, p->container, script_pos(c, p->container, NULL, 0, false),
                    arena_printf(sim_arena(c->sim),
                                 "podsim does not run %s programs: this one is taken to do nothing and succeed",
                                 p->program->name));
}

/* "while True: time.sleep(1)" is one statement to next_statement(). */
static void skip_loop_head(struct script_data *d, const char *statement)
{
    const char *colon = strchr(statement, ':');
    if (colon && colon[1])
        d->at -= strlen(colon + 1) + (d->code[d->at - 1] != colon[strlen(colon) - 1]);
    d->loop = d->at;
}

static enum step code_step(struct cri *c, struct proc *p, struct script_data *d)
{
    if (proc_now(c) < d->until)
        return proc_block_until(p, d->until);
    for (int statements = 0; statements < 1000; statements++) {
        sim_time sleep = 0;
        int code = 0;
        if (!d->code[d->at]) {
            if (d->loop == SIZE_MAX || !d->looped)
                return d->loop == SIZE_MAX ? proc_exit_with(p, 0) : proc_block_for(p, WAIT_FOREVER, SIM_NEVER);
            d->at = d->loop;
        }
        char *s = next_statement(c, d);
        enum effect e = run_statement(c, p, s, &sleep, &code);
        if (e == EFFECT_LOOP)
            skip_loop_head(d, s);
        mem_free(&c->mem, s);
        if (e == EFFECT_EXIT)
            return proc_exit_with(p, code);
        if (e == EFFECT_FOREVER)
            return proc_block_for(p, WAIT_FOREVER, SIM_NEVER);
        if (e == EFFECT_UNKNOWN) {
            unknown_code(c, p);
            return proc_exit_with(p, 0);
        }
        if (e == EFFECT_SLEEP && sleep > 0) {
            d->looped = true;
            d->until = sim_time_add(proc_now(c), sleep);
            return proc_block_until(p, d->until);
        }
    }
    return proc_block_for(p, WAIT_FOREVER, SIM_NEVER);
}

/* ---- the interpreter ---- */

/* The program after -c or -e, or NULL; clusters such as perl's -wle, too. */
static const char *code_argument(const struct proc *p, const struct language *l)
{
    for (int i = 1; i + 1 < p->argc && p->argv[i][0] == '-'; i++)
        for (size_t k = 0; k < ARRAY_LEN(l->code) && l->code[k]; k++)
            if (strcmp(p->argv[i], l->code[k]) == 0)
                return p->argv[i + 1];
    return NULL;
}

static bool is_version_option(const struct language *l, const char *option)
{
    size_t n = strlen(option);
    const char *at = strstr(l->version_options, option);
    return n > 1 && at && at[-1] == ' ' && at[n] == ' ';
}

static bool has_operand(const struct proc *p)
{
    for (int i = 1; i < p->argc; i++)
        if (p->argv[i][0] != '-')
            return true;
    return false;
}

static bool is_interactive(const struct proc *p, const struct language *l)
{
    const char *slash = strrchr(p->argv[0], '/');
    return (l->needs_operand || strcmp(slash ? slash + 1 : p->argv[0], "jshell") == 0) && !has_operand(p);
}

static enum step script_step(struct cri *c, struct proc *p)
{
    const struct language *l = (const struct language *)(const void *)p->program;
    struct script_data *d = p->data;
    if (d->code)
        return code_step(c, p, d);
    if (p->argc > 1 && is_version_option(l, p->argv[1])) {
        out_printf(c, p, 1, "%s\n", l->version);
        return proc_exit_with(p, 0);
    }
    const char *code = code_argument(p, l);
    if (code) {
        *d = (struct script_data){.code = proc_strdup(c, p, code), .loop = SIZE_MAX};
        return STEP_AGAIN;
    }
    if (is_interactive(p, l)) { /* without input it ends at once */
        bool tty = p->fds[0] && p->fds[0]->kind == OFILE_TTY;
        return tty ? proc_block_for(p, WAIT_FOREVER, SIM_NEVER) : proc_exit_with(p, 0);
    }
    struct env env = p->env;
    proc_exec(c, p, &l->server->program, p->argc, p->argv, &env);
    return STEP_AGAIN;
}

/* ---- servers ---- */

/* "python app.py --port 80" as it was written, not too long. */
static const char *command_line(struct cri *c, const struct proc *p)
{
    struct mem_buf text = {0};
    for (int i = 0; i < p->argc && text.len < 60; i++) {
        buf_puts(&c->mem, NULL, &text, i ? " " : "");
        buf_puts(&c->mem, NULL, &text, p->argv[i]);
    }
    const char *line = arena_printf(sim_arena(c->sim), "%.72s", buf_str(&text));
    buf_fini(&c->mem, &text);
    return line;
}

static bool script_arguments(struct cri *c, struct proc *p, struct server_data *d)
{
    bool known = text_is(p->container->image->program, "java") && p->container->image->ports.count;
    if (p->main && !known) /* tomcat's java is known */
        server_assumed(c, p, d, command_line(c, p));
    return true;
}

/* python3 -m http.server [port] */
static bool python_arguments(struct cri *c, struct proc *p, struct server_data *d)
{
    int64_t port = 8000;
    if (p->argc <= 2 || strcmp(p->argv[1], "-m") != 0 || strcmp(p->argv[2], "http.server") != 0)
        return script_arguments(c, p, d);
    for (int i = 3; i < p->argc; i++)
        if (p->argv[i][0] >= '0' && p->argv[i][0] <= '9')
            parse_int64(p->argv[i], &port);
    server_set_port(d, port > 0 && port < 65536 ? (int32_t)port : 0);
    d->ready_at = p->started_at + 100 * SIM_MS;
    d->mode = 1;
    return true;
}

static void python_serve(struct cri *c, struct proc *p, const struct net_request *request, struct http_reply *reply)
{
    const struct server_data *d = p->data;
    if (d->mode != 1) {
        server_ok(c, p, request, reply);
        return;
    }
    struct vnode *n;
    size_t len;
    char *path = mem_strndup(&c->mem, NULL, request->http->path + strspn(request->http->path, "/"),
                             path_length(request->http->path + strspn(request->http->path, "/")));
    if (vfs_find(c, p->container, option_value(p, "directory", p->cwd), *path ? path : "index.html", &n) == VFS_OK &&
        n->type == VNODE_FILE) {
        const char *text = vfs_content(c, p->container, n, &len);
        reply->body = text;
        (void)len;
    } else if (*path) {
        reply->status = 404;
        reply->body = "<!DOCTYPE HTML>\n<html><head><title>Error response</title></head><body><h1>Error response</h1>"
                      "<p>Error code: 404</p></body></html>\n";
    } else {
        reply->body =
            "<!DOCTYPE HTML>\n<html><head><title>Directory listing for /</title></head><body></body></html>\n";
    }
    mem_free(&c->mem, path);
    struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;
    strbuf_printf(&before, "%s - - [", request->client_ip);
    strbuf_printf(&after, "] \"%s %s HTTP/1.1\" %d -", request->http->method, request->http->path, (int)reply->status);
    server_log(c, p, 2, strbuf_str(&before), "%d/%b/%Y %H:%M:%S", strbuf_str(&after), reply);
    strbuf_fini(&before);
    strbuf_fini(&after);
}

/* Interpreters have no handler for SIGTERM: as PID 1 they ignore it. A JVM ends. */
static const struct server server_python = {SERVER("python3", SIG_BIT(VSIGINT), 0, python_serve),
                                            .port_of_manifest = true, .on_int = 130, .arguments = python_arguments,
                                            .in_use = "OSError: [Errno 98] Address already in use\n"},
                           server_node = {SERVER("node", 0, 0, server_ok), .port_of_manifest = true,
                                          .arguments = script_arguments,
                                          .in_use = "Error: listen EADDRINUSE: address already in use :::%d\n"},
                           server_ruby = {SERVER("ruby", SIG_BIT(VSIGINT), 0, server_ok), .port_of_manifest = true,
                                          .on_int = 1, .arguments = script_arguments},
                           server_php = {SERVER("php", 0, 0, server_ok), .port_of_manifest = true,
                                         .arguments = script_arguments},
                           server_java = {SERVER("java", CATCHES_STOP, PROGRAM_REAPS, server_ok),
                                          .port_of_manifest = true,
                                          .on_term = 143,
                                          .on_int = 130,
                                          .on_quit = -1,
                                          .arguments = script_arguments,
                                          .in_use = "java.net.BindException: Address already in use\n"};

#define LANGUAGE(text)                                                                                                 \
    .program = {                                                                                                       \
        .name = text,                                                                                                  \
        .step = script_step,                                                                                           \
        .data_bytes = sizeof(struct script_data),                                                                      \
    }
static const struct language
    python = {LANGUAGE("python3"), &server_python, {"-c"}, " -V --version ", "Python 3.14.0", true},
    node = {LANGUAGE("node"), &server_node, {"-e", "--eval", "-p"}, " -v --version ", "v24.0.0", true},
    java = {LANGUAGE("java"), &server_java, {NULL}, " -version --version ", "openjdk 25 2025-09-16 LTS", false},
    php = {LANGUAGE("php"), &server_php, {"-r"}, " -v --version ", "PHP 8.5.0 (cli)", true},
    ruby = {LANGUAGE("ruby"), &server_ruby, {"-e"}, " -v --version ", "ruby 3.4.0", true};

/* ---- perl ---- */

/* The Job of the documentation, perl -Mbignum=bpi -wle 'print bpi(2000)', takes about five seconds. */
static const char pi_digits[] =
    "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798";

static enum step perl_step(struct cri *c, struct proc *p)
{
    static const struct language perl = {.code = {"-e", "-wle", "-le"}};
    struct script_data *d = p->data;
    bool pi = false;
    for (int i = 1; i < p->argc; i++)
        pi |= strstr(p->argv[i], "bpi(") != NULL;
    if (pi && proc_now(c) < p->started_at + 5 * SIM_SECOND)
        return proc_block_until(p, p->started_at + 5 * SIM_SECOND);
    if (pi) {
        out_printf(c, p, 1, "%s\n", pi_digits);
        return proc_exit_with(p, 0);
    }
    const char *code = d->code ? d->code : code_argument(p, &perl);
    if (!code)
        return proc_exit_with(p, 0);
    if (!d->code)
        *d = (struct script_data){.code = proc_strdup(c, p, code), .loop = SIZE_MAX};
    return code_step(c, p, d);
}

/* ---- which ---- */

static const struct {
    const char *name;
    const struct language *language;
} names[] = {
    {"python", &python}, {"node", &node}, {"nodejs", &node}, {"npm", &node},   {"yarn", &node}, {"npx", &node},
    {"java", &java},     {"ruby", &ruby}, {"bundle", &ruby}, {"rails", &ruby}, {"php", &php},
};

const struct program *script_program(const char *name)
{
    const char *slash = strrchr(name, '/');
    name = slash ? slash + 1 : name;
    size_t n = strlen(name);
    while (n && (name[n - 1] == '.' || (name[n - 1] >= '0' && name[n - 1] <= '9'))) /* python3.11 */
        n--;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strlen(names[i].name) == n && memcmp(names[i].name, name, n) == 0)
            return &names[i].language->program;
    return NULL;
}

const struct program program_perl = {.name = "perl", .step = perl_step, .data_bytes = sizeof(struct script_data)};

/* Programs of images, by image.program. */
const struct applet script_programs[] = {
    {"java", &java.program, 0}, {"node", &node.program, 0}, {"php", &php.program, 0}, {"python3", &python.program, 0},
    {"ruby", &ruby.program, 0}, {"perl", &program_perl, 0}, {NULL, NULL, 0},
};
