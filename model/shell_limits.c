/* shell_limits.c - umask and ulimit. Limits are kept and shown; nothing enforces them. */
#include <string.h>

#include "model/shell.h"

/* ---- umask ---- */

/* u=rwx,g-w and the like, applied to the permissions that the mask leaves; false: not understood. */
static bool symbolic(const char *s, uint32_t *allowed)
{
    while (*s) {
        uint32_t who = 0, bits = 0;
        for (; *s && strchr("ugoa", *s); s++)
            who |= *s == 'u' ? 0700 : *s == 'g' ? 0070 : *s == 'o' ? 0007 : 0777;
        if (!who)
            who = 0777;
        if (!*s || !strchr("+-=", *s))
            return false;
        char op = *s++;
        for (; *s && strchr("rwxXst", *s); s++)
            bits |= *s == 'r' ? 0444 : *s == 'w' ? 0222 : *s == 'x' || *s == 'X' ? 0111 : 0;
        bits &= who;
        *allowed = op == '+' ? *allowed | bits : op == '-' ? *allowed & ~bits : (*allowed & ~who) | bits;
        if (*s == ',')
            s++;
        else if (*s)
            return false;
    }
    return true;
}

static void print_symbolic(struct shell *sh)
{
    static const char who[] = "ugo";
    for (int i = 0; i < 3; i++) {
        uint32_t bits = ~sh->p->umask >> (6 - 3 * i) & 7;
        out_printf(sh->c, sh->p, 1, "%s%c=%s%s%s", i ? "," : "", who[i], bits & 4 ? "r" : "", bits & 2 ? "w" : "",
                   bits & 1 ? "x" : "");
    }
    out_puts(sh->c, sh->p, 1, "\n");
}

int builtin_umask(struct shell *sh, int argc, char **argv)
{
    int i = 1;
    bool as_text = argc > 1 && strcmp(argv[1], "-S") == 0;
    i += as_text;
    if (i >= argc) {
        if (as_text)
            print_symbolic(sh);
        else
            out_printf(sh->c, sh->p, 1, "%04o\n", (unsigned)sh->p->umask);
        return 0;
    }
    const char *mode = argv[i];
    uint32_t mask = 0;
    bool good;
    if (sh_is_digit(mode[0])) {
        good = strspn(mode, "01234567") == strlen(mode);
        for (const char *s = mode; good && *s && mask <= 0777; s++)
            mask = mask * 8 + (uint32_t)(*s - '0');
    } else {
        uint32_t allowed = ~sh->p->umask & 0777;
        good = symbolic(mode, &allowed);
        mask = ~allowed & 0777;
    }
    if (!good || mask > 0777) {
        sh_fatal(sh, 2, sh->dialect == DIALECT_DASH ? "Illegal mode: %s" : "illegal mode: %s", mode);
        return 2;
    }
    sh->p->umask = mask;
    return 0;
}

/* ---- ulimit ---- */

enum { UNLIMITED = -1 };
static const struct {
    char letter;
    int64_t at_start; /* in a container of containerd */
} limits[] = {
    {'f', UNLIMITED}, {'t', UNLIMITED}, {'d', UNLIMITED}, {'s', 8192},
    {'c', UNLIMITED}, {'n', 1048576},   {'v', UNLIMITED}, {'p', UNLIMITED},
};
_Static_assert(ARRAY_LEN(limits) == ARRAY_LEN(((struct shell *)0)->limits), "one value for each");

void sh_limits_init(struct shell *sh)
{
    for (size_t i = 0; i < ARRAY_LEN(limits); i++)
        sh->limits[i] = limits[i].at_start;
}

int builtin_ulimit(struct shell *sh, int argc, char **argv)
{
    size_t which = 0;
    int i = 1;
    for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        for (const char *s = argv[i] + 1; *s; s++) {
            size_t k = 0;
            while (k < ARRAY_LEN(limits) && limits[k].letter != *s)
                k++;
            if (k < ARRAY_LEN(limits)) {
                which = k;
            } else if (!strchr("HSalmwxreiq", *s)) {
                out_printf(sh->c, sh->p, 2, "ulimit: invalid option -- '%c'\n", *s);
                return 1;
            }
        }
    }
    int64_t value = UNLIMITED;
    if (i >= argc) {
        if (sh->limits[which] == UNLIMITED)
            out_puts(sh->c, sh->p, 1, "unlimited\n");
        else
            out_printf(sh->c, sh->p, 1, "%lld\n", (long long)sh->limits[which]);
        return 0;
    }
    if (strcmp(argv[i], "unlimited") != 0 && (!parse_int64(argv[i], &value) || value < 0)) {
        sh_applet_error(sh, "invalid number '%s'", argv[i]);
        return 1;
    }
    sh->limits[which] = value;
    return 0;
}
