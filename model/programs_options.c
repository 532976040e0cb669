/* programs_options.c - what the commands share beside input: options, usage, sizes, children.
 *
 * Options are read as getopt_long(3) does for busybox applets and GNU tools. Of the usage only the line that says
 * what a command takes is printed; the rest of busybox's help is left out.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/programs.h"
#include "model/shell.h"

char *proc_printf(struct cri *c, struct proc *p, const char *format, ...)
{
    va_list args;
    ASSERT(format);
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ASSERT(n >= 0);
    char *text = proc_alloc(c, p, (size_t)n + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)n + 1, format, args);
    va_end(args);
    return text;
}

char *path_join(struct cri *c, struct proc *p, const char *dir, const char *name)
{
    size_t n = strlen(dir);
    return proc_printf(c, p, "%s%s%s", dir, n && dir[n - 1] == '/' ? "" : "/", name);
}

/* ---- usage ---- */

static const struct {
    const char *name, *synopsis;
} synopses[] = {
    {"awk", "[OPTIONS] [AWK_PROGRAM] [FILE]..."},
    {"base64", "[-d] [-w COL] [FILE]"},
    {"basename", "FILE [SUFFIX] | -a FILE... | -s SUFFIX FILE..."},
    {"cat", "[-nbvteA] [FILE]..."},
    {"chmod", "[-Rcvf] MODE[,MODE]... FILE..."},
    {"chown", "[-RhLHPcvf]... USER[:[GRP]] FILE..."},
    {"cp", "[-arPLHpfinlsTu] SOURCE DEST"},
    {"cut", "{-b|c LIST | -f LIST [-d SEP] [-s]} [FILE]..."},
    {"date", "[OPTIONS] [+FMT] [[-s] TIME]"},
    {"dirname", "FILENAME"},
    {"expr", "EXPRESSION"},
    {"find", "[-HL] [PATH]... [OPTIONS] [ACTIONS]"},
    {"grep", "[-HhnlLoqvsrRiwFE] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]..."},
    {"head", "[OPTIONS] [FILE]..."},
    {"ln", "[-sfnbtv] [-S SUF] TARGET... LINK|DIR"},
    {"ls", "[-1AaCxdLHRFplinshrSXvctu] [-w WIDTH] [FILE]..."},
    {"mkdir", "[-m MODE] [-p] DIRECTORY..."},
    {"mktemp", "[-dt] [-p DIR] [TEMPLATE]"},
    {"mv", "[-finT] SOURCE DEST"},
    {"od", "[-abcdfhilovxs] [-t TYPE] [-A RADIX] [-N SIZE] [-j SKIP] [-S MINSTR] [-w WIDTH] [FILE]..."},
    {"readlink", "[-fnv] FILE"},
    {"realpath", "FILE..."},
    {"rm", "[-irf] FILE..."},
    {"rmdir", "[-p] DIRECTORY..."},
    {"sed", "[-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]..."},
    {"seq", "[-w] [-s SEP] [FIRST [INC]] LAST"},
    {"sleep", "[N]..."},
    {"sort", "[-nrugMcszbdfiokt] [-o FILE] [-k START[.OFS][OPTS][,END[.OFS][OPTS]] [-t CHAR] [FILE]..."},
    {"stat", "[-ltf] [-c FMT] FILE..."},
    {"tail", "[OPTIONS] [FILE]..."},
    {"timeout", "[-s SIG] [-k KILL_SECS] SECS PROG ARGS"},
    {"touch", "[-cham] [-d DATE] [-t DATE] [-r FILE] FILE..."},
    {"tr", "[-cds] STRING1 [STRING2]"},
    {"truncate", "[-c] -s SIZE FILE..."},
    {"usleep", "N"},
    {"xargs", "[OPTIONS] [PROG ARGS]"},
};

void usage_print(struct cri *c, struct proc *p, const char *wrong)
{
    const char *name = p->program->name, *synopsis = "[OPTIONS] FILE...";
    if (*wrong)
        err_printf(c, p, "%s", wrong);
    if (is_gnu(p)) {
        out_printf(c, p, 2, "Try '%s --help' for more information.\n", name);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(synopses); i++) {
        if (strcmp(synopses[i].name, name) == 0)
            synopsis = synopses[i].synopsis;
    }
    out_printf(c, p, 2, "BusyBox v1.36.1 (2023-05-19 00:00:00 UTC) multi-call binary.\n\nUsage: %s %s\n", name,
               synopsis);
}

int usage_missing(struct cri *c, struct proc *p)
{
    usage_print(c, p, is_gnu(p) ? "missing operand" : "");
    return 1;
}

void say_error(struct cri *c, struct proc *p, const char *gnu, const char *busybox, const char *path, enum vfs_error e)
{
    const char *format = is_gnu(p) ? gnu : busybox, *at = strstr(format, "%s");
    err_printf(c, p, "%.*s%s%s: %s", (int)(at - format), format, path, at + 2, vfs_error_text(e));
}

/* ---- options ---- */

static int wrong_option(struct cri *c, struct options *o, const char *text)
{
    usage_print(c, o->p, text);
    return '?';
}

/* "x", "x:" or "x::" in spec: how it takes a value; -1 = not an option. */
static int value_kind(const char *spec, char letter)
{
    const char *at = letter == ':' || letter == '+' ? NULL : strchr(spec, letter);
    return !at || !*at ? -1 : at[1] != ':' ? 0 : at[2] == ':' ? 2 : 1;
}

static int get_long(struct cri *c, struct options *o, const char *text, const char *spec,
                    const struct long_option *longs)
{
    struct proc *p = o->p;
    size_t n = strcspn(text, "=");
    for (; longs && longs->name; longs++) {
        if (strlen(longs->name) != n || memcmp(longs->name, text, n) != 0)
            continue;
        int kind = value_kind(spec, longs->letter);
        if (text[n] && kind != 0)
            o->value = text + n + 1;
        else if (kind == 1 && o->next < p->argc)
            o->value = p->argv[o->next++];
        else if (kind == 1)
            return wrong_option(c, o, proc_printf(c, p, "option '--%s' requires an argument", longs->name));
        return longs->letter;
    }
    return wrong_option(c, o, proc_printf(c, p, "unrecognized option '--%.*s'", (int)n, text));
}

static bool is_option(const char *arg) { return arg[0] == '-' && arg[1]; }

/* Brings the next option before the operands at o->next; false: there is none. */
static bool bring_option(struct options *o)
{
    struct proc *p = o->p;
    int at = o->next;
    while (at < p->argc && !is_option(p->argv[at]))
        at++;
    if (at == p->argc)
        return false;
    char *found = p->argv[at];
    memmove(p->argv + o->next + 1, p->argv + o->next, sizeof(char *) * (size_t)(at - o->next));
    p->argv[o->next] = found;
    o->moved = at - o->next;
    return true;
}

/* The value of an option that was moved before operands stands behind them. */
static char *take_value(struct options *o)
{
    struct proc *p = o->p;
    int at = o->next + o->moved;
    if (at >= p->argc)
        return NULL;
    char *value = p->argv[at];
    memmove(p->argv + o->next + 1, p->argv + o->next, sizeof(char *) * (size_t)o->moved);
    p->argv[o->next++] = value;
    return value;
}

int option_get(struct cri *c, struct options *o, const char *spec, const struct long_option *longs)
{
    struct proc *p = o->p;
    if (!o->next)
        o->next = 1;
    o->value = NULL;
    if (!o->letter || !*o->letter) {
        o->moved = 0;
        if (o->ended || o->next >= p->argc || (!is_option(p->argv[o->next]) && (*spec == '+' || !bring_option(o))))
            return 0;
        const char *arg = p->argv[o->next++];
        if (arg[1] == '-' && arg[2])
            return get_long(c, o, arg + 2, spec, longs);
        if (arg[1] == '-') {
            o->ended = true;
            return 0;
        }
        o->letter = arg + 1;
    }
    char letter = *o->letter++;
    int kind = value_kind(spec, letter);
    if (kind < 0)
        return wrong_option(c, o, proc_printf(c, p, "invalid option -- '%c'", letter));
    if (kind && *o->letter) {
        o->value = o->letter;
        o->letter = NULL;
    } else if (kind == 1) {
        o->value = take_value(o);
        if (!o->value)
            return wrong_option(c, o, proc_printf(c, p, "option requires an argument -- '%c'", letter));
    }
    return (unsigned char)letter;
}

bool parse_size(const char *s, const char *units, int64_t *ret)
{
    static const struct {
        char letter;
        int64_t factor;
    } factors[] = {{'c', 1},       {'w', 2},       {'b', 512},     {'k', 1 << 10}, {'K', 1 << 10},
                   {'m', 1 << 20}, {'M', 1 << 20}, {'G', 1 << 30}, {'g', 1 << 30}};
    int64_t v = 0;
    if (!sh_is_digit(*s))
        return false;
    for (; sh_is_digit(*s); s++)
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *s - '0', &v))
            return false;
    for (size_t i = 0; i < ARRAY_LEN(factors) && *s && strchr(units, *s); i++) {
        if (factors[i].letter != *s)
            continue;
        if (__builtin_mul_overflow(v, factors[i].factor, &v))
            return false;
        s += s[1] == 'B' && *s != 'c' ? 2 : 1;
        break;
    }
    *ret = v;
    return !*s;
}

/* ---- children ---- */

enum lookup command_find(struct cri *c, struct proc *p, const char *name, struct lookup_result *ret)
{
    const char *path = env_get(proc_env(c, p), "PATH");
    return program_find(c, p->container, p->cwd, path ? path : "/bin:/usr/bin", name, ret);
}

/* What is executed: a script is its interpreter with the script's path before the arguments. */
static char **interpreted(struct cri *c, struct proc *p, const struct lookup_result *found, int32_t *argc, char **argv)
{
    if (!found->interpreter)
        return argv;
    char **all = proc_alloc(c, p, sizeof(char *) * (size_t)(*argc + 1));
    all[0] = proc_strdup(c, p, found->interpreter);
    all[1] = proc_strdup(c, p, found->path);
    for (int32_t i = 1; i < *argc; i++)
        all[i + 1] = argv[i];
    (*argc)++;
    return all;
}

struct proc *command_start(struct cri *c, struct proc *p, int32_t argc, char **argv, enum lookup *ret_why)
{
    struct lookup_result found;
    *ret_why = command_find(c, p, argv[0], &found);
    if (*ret_why != LOOKUP_FOUND)
        return NULL;
    char **all = interpreted(c, p, &found, &argc, argv);
    struct proc_start start = {.program = found.program,
                               .parent = p,
                               .container = p->container,
                               .argc = argc,
                               .argv = all,
                               .env = &p->env,
                               .cwd = p->cwd,
                               .fds = p->fds,
                               .sig_ignored = p->sig_ignored,
                               .umask = p->umask,
                               .uid = p->uid};
    struct proc *child = proc_start(c, &start);
    if (all != argv) {
        mem_free(&c->mem, all[0]);
        mem_free(&c->mem, all[1]);
        mem_free(&c->mem, all);
    }
    return child;
}

enum step command_become(struct cri *c, struct proc *p, int first)
{
    struct lookup_result found;
    enum lookup why = command_find(c, p, p->argv[first], &found);
    if (why != LOOKUP_FOUND) {
        err_printf(c, p, is_gnu(p) ? "'%s': %s" : "can't execute '%s': %s", p->argv[first],
                   why == LOOKUP_NOT_EXECUTABLE || why == LOOKUP_DIRECTORY ? "Permission denied"
                                                                           : "No such file or directory");
        return proc_exit_with(p, why == LOOKUP_NOT_EXECUTABLE || why == LOOKUP_DIRECTORY ? 126 : 127);
    }
    int32_t argc = p->argc - first;
    char **argv = interpreted(c, p, &found, &argc, p->argv + first);
    struct env env = p->env;
    proc_exec(c, p, found.program, argc, argv, &env);
    return STEP_AGAIN;
}
