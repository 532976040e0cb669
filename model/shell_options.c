/* shell_options.c - the shell's options (set, $-), and getopts for those of scripts. */
#include <stdio.h>
#include <string.h>

#include "model/shell.h"

/* ash.c optletters_optnames, in its order. "" has no name. */
static const struct {
    char letter; /* 0: none */
    const char *name;
    uint32_t option;
    uint32_t dialects;
} options[] = {
    {'e', "errexit", OPTION_ERREXIT, 7},
    {'f', "noglob", OPTION_NOGLOB, 7},
    {'I', "ignoreeof", OPTION_IGNOREEOF, 7},
    {'m', "monitor", OPTION_MONITOR, 7},
    {'n', "noexec", OPTION_NOEXEC, 7},
    {0, "", OPTION_STDIN, 7},
    {0, "", OPTION_COMMAND, 7},
    {'x', "xtrace", OPTION_XTRACE, 7},
    {'v', "verbose", OPTION_VERBOSE, 7},
    {'C', "noclobber", OPTION_NOCLOBBER, 7},
    {'a', "allexport", OPTION_ALLEXPORT, 7},
    {'b', "notify", OPTION_NOTIFY, 7},
    {'u', "nounset", OPTION_NOUNSET, 7},
    {'E', "errtrace", OPTION_ERRTRACE, 7 & ~(1 << DIALECT_DASH)},
    {0, "vi", OPTION_VI, 7},
    {0, "pipefail", OPTION_PIPEFAIL, 7 & ~(1 << DIALECT_DASH)},
};

uint32_t sh_option_by_letter(const struct shell *sh, char letter)
{
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        if (letter && options[i].letter == letter && (options[i].dialects & 1 << sh->dialect))
            return options[i].option;
    return 0;
}

uint32_t sh_option_by_name(const struct shell *sh, const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        if (*name && strcmp(options[i].name, name) == 0 && (options[i].dialects & 1 << sh->dialect))
            return options[i].option;
    return 0;
}

static char shown_letter(size_t i)
{
    if (options[i].option == OPTION_STDIN)
        return 's';
    return options[i].option == OPTION_COMMAND ? 'c' : options[i].letter;
}

const char *sh_option_letters(const struct shell *sh, char scratch[24])
{
    size_t n = 0, count = ARRAY_LEN(options);
    for (size_t i = 0; i < count; i++) {
        size_t at = sh->dialect == DIALECT_BASH ? i : count - 1 - i;
        bool shown = sh->dialect == DIALECT_BUSYBOX || options[at].option != OPTION_COMMAND;
        if ((sh->options & options[at].option) && shown_letter(at) && shown)
            scratch[n++] = shown_letter(at);
    }
    scratch[n] = '\0';
    return scratch;
}

void sh_print_options(struct shell *sh, bool as_commands)
{
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        bool on = sh->options & options[i].option;
        if (!options[i].name[0] || !(options[i].dialects & 1 << sh->dialect))
            continue;
        if (as_commands)
            out_printf(sh->c, sh->p, 1, "set %co %s\n", on ? '-' : '+', options[i].name);
        else
            out_printf(sh->c, sh->p, 1, "%-16s%s\n", options[i].name, on ? "on" : "off");
    }
}

/* ---- set ---- */

void sh_replace_args(struct shell *sh, int argc, char **argv)
{
    char **args = proc_alloc(sh->c, sh->p, sizeof(char *) * (size_t)(argc + 1));
    for (int i = 0; i < argc; i++)
        args[i] = proc_strdup(sh->c, sh->p, argv[i]);
    for (uint32_t i = 0; i < sh->argc; i++)
        mem_free(&sh->c->mem, sh->args[i]);
    mem_free(&sh->c->mem, sh->args);
    sh->args = args;
    sh->argc = (uint32_t)argc;
    sh->optind = 1;
    sh->optchar = 0;
}

/* set -o NAME; the status, 0 if it went well. busybox goes on after a wrong name. */
static int set_by_name(struct shell *sh, const char *name, bool on)
{
    uint32_t option = sh_option_by_name(sh, name);
    if (!option) {
        const char *text = sh->dialect == DIALECT_DASH ? "Illegal option -o %s" : "illegal option %co %s";
        if (sh->dialect == DIALECT_DASH)
            sh_fatal(sh, 2, "Illegal option -o %s", name);
        else
            sh_error(sh, text, on ? '-' : '+', name);
        return 2;
    }
    sh->options = on ? sh->options | option : sh->options & ~option;
    return 0;
}

/* The letters of one word; *next: the argument behind it. */
static int set_by_letters(struct shell *sh, const char *letters, bool on, int argc, char **argv, int *next)
{
    for (const char *s = letters; *s; s++) {
        uint32_t option = sh_option_by_letter(sh, *s);
        if (*s == 'o' && *next >= argc) {
            sh_print_options(sh, !on);
            continue;
        }
        if (*s == 'o') {
            int status = set_by_name(sh, argv[(*next)++], on);
            if (status)
                return status;
            continue;
        }
        if (!option && !(strchr("hi", *s) && sh->dialect == DIALECT_BASH)) {
            sh_fatal(sh, 2, sh->dialect == DIALECT_DASH ? "Illegal option -%c" : "illegal option -%c", *s);
            return 2;
        }
        sh->options = on ? sh->options | option : sh->options & ~option;
    }
    return 0;
}

int builtin_set(struct shell *sh, int argc, char **argv)
{
    int i = 1;
    if (argc == 1) {
        sh_print_all_vars(sh);
        return 0;
    }
    while (i < argc && (argv[i][0] == '-' || argv[i][0] == '+')) {
        const char *word = argv[i];
        bool on = word[0] == '-', ends = strcmp(word, "--") == 0 || strcmp(word, "-") == 0;
        if (strcmp(word, "+") == 0)
            break;
        i++;
        if (ends) {
            if (!word[1]) /* "-": -x and -v go off */
                sh->options &= ~(uint32_t)(OPTION_XTRACE | OPTION_VERBOSE);
            if (word[1] || i < argc)
                sh_replace_args(sh, argc - i, argv + i);
            return 0;
        }
        int status = set_by_letters(sh, word + 1, on, argc, argv, &i);
        if (status)
            return status;
    }
    if (i < argc)
        sh_replace_args(sh, argc - i, argv + i);
    return 0;
}

/* ---- getopts: ash.c getopts ---- */

struct getopts {
    const char *spec;
    char **args;
    uint32_t count;
    uint32_t next;    /* index of the next word */
    const char *rest; /* of the word that is being read, or NULL */
    bool quiet;
};

/* The option letter that comes next, 0 at the end. */
static char next_letter(struct getopts *g)
{
    if (!g->rest || !*g->rest) {
        const char *word = g->next < g->count ? g->args[g->next] : NULL;
        if (!word || word[0] != '-' || !word[1])
            return 0;
        g->next++;
        if (strcmp(word, "--") == 0)
            return 0;
        g->rest = word + 1;
    }
    return *g->rest++;
}

/* What the variable gets for the letter; OPTARG is set. */
static char take_letter(struct shell *sh, struct getopts *g, char letter)
{
    char text[2] = {letter, '\0'};
    const char *known = letter == ':' ? NULL : strchr(g->spec, letter);
    if (!known) {
        if (g->quiet) {
            sh_set(sh, "OPTARG", text);
        } else {
            out_printf(sh->c, sh->p, 2, "Illegal option -%c\n", letter);
            sh_unset(sh, "OPTARG");
        }
        return '?';
    }
    if (known[1] != ':') {
        sh_set(sh, "OPTARG", "");
        return letter;
    }
    const char *value = *g->rest ? g->rest : g->next < g->count ? g->args[g->next++] : NULL;
    g->rest = NULL;
    if (value) {
        sh_set(sh, "OPTARG", value);
        return letter;
    }
    if (g->quiet) {
        sh_set(sh, "OPTARG", text);
        return ':';
    }
    out_printf(sh->c, sh->p, 2, "No arg for -%c option\n", letter);
    sh_unset(sh, "OPTARG");
    return '?';
}

int builtin_getopts(struct shell *sh, int argc, char **argv)
{
    if (argc < 3) {
        sh_fatal(sh, 2, "usage: getopts optstring var [arg]");
        return 2;
    }
    const char *opterr = sh_get(sh, "OPTERR");
    struct getopts g = {.spec = argv[1],
                        .args = argc > 3 ? argv + 3 : sh->args,
                        .count = argc > 3 ? (uint32_t)argc - 3 : sh->argc,
                        .quiet =
                            argv[1][0] == ':' || (opterr && strcmp(opterr, "0") == 0 && sh->dialect != DIALECT_DASH)};
    if (sh->optind > g.count + 1) {
        sh->optind = 1;
        sh->optchar = 0;
    }
    g.next = sh->optind - 1;
    if (g.next > 0 && sh->optchar && strlen(g.args[g.next - 1]) >= sh->optchar)
        g.rest = g.args[g.next - 1] + sh->optchar;

    char letter = next_letter(&g), value[2] = "?", number[24];
    if (letter)
        value[0] = take_letter(sh, &g, letter);
    else
        sh_unset(sh, "OPTARG");
    snprintf(number, sizeof number, "%u", g.next + 1);
    sh_set(sh, "OPTIND", number);
    sh->optind = g.next + 1;
    sh->optchar = letter && g.rest ? (uint32_t)(g.rest - g.args[g.next - 1]) : 0;
    sh_set(sh, argv[2], value);
    return !letter;
}
