/* programs_sed.h - sed's scripts; private to programs_sed*.c. */
#ifndef MODEL_PROGRAMS_SED_H
#define MODEL_PROGRAMS_SED_H

#include "model/programs.h"

enum sed_address_kind { ADDRESS_NONE, ADDRESS_LINE, ADDRESS_STEP, ADDRESS_LAST, ADDRESS_PATTERN, ADDRESS_PLUS };
struct sed_address {
    enum sed_address_kind kind;
    int64_t line, step;
    const char *pattern; /* "" = the one used last */
    bool icase;
};
struct sed_command {
    struct sed_address from, to;
    bool negated;
    char name;
    const char *pattern, *text; /* s: replacement; y: both sets; a i c: lines; b t T :, r w: name */
    bool global, print, icase;
    int64_t nth;
    const char *file; /* s///w */
    int end;          /* '{': index behind its '}'; b t T: where to go */
    /* state */
    bool active;
    int64_t until; /* ADDRESS_PLUS: last line of the range */
};
struct sed_script {
    struct sed_command *commands;
    int count, cap;
    bool extended, quiet;
    bool peeks; /* some command asks whether there is another line */
};

/* Adds `text` to the script; says what is wrong with it and returns false. */
bool sed_parse(struct cri *c, struct proc *p, struct sed_script *script, const char *text);

#endif
