/* programs_awk_machine.h - awk's stack and places; private to programs_awk.c and programs_awk_call.c. */
#ifndef MODEL_PROGRAMS_AWK_MACHINE_H
#define MODEL_PROGRAMS_AWK_MACHINE_H

#include "model/programs_awk.h"

enum outcome { GO_ON, WAIT, LEAVE };
struct where {
    enum awk_place kind;
    int32_t variable;
    int64_t field;
    struct awk_string *key;
};

void awk_push(struct awk *a, struct awk_value v);
void awk_push_number(struct awk *a, int64_t n);
struct awk_value awk_pop(struct awk *a);
awk_number awk_pop_number(struct awk *a);
struct awk_string *awk_pop_string(struct awk *a);
void awk_drop_to(struct awk *a, int sp);
void awk_drop_each(struct awk *a, int count); /* walks over arrays, but for so many */
struct awk_value *awk_local(struct awk *a, int number);
struct awk_array *awk_array_of(struct awk *a, int32_t name); /* >= 0 a global, -1 - number of a local */
struct where awk_pop_place(struct awk *a, int32_t kind, int32_t variable);
struct awk_value awk_load(struct awk *a, const struct where *w);
void awk_store(struct awk *a, const struct where *w, struct awk_value v);
void awk_count_record(struct awk *a, bool file);

/* ---- programs_awk_call.c ---- */
enum outcome awk_builtin(struct awk *a, enum awk_builtin function, int count);
void awk_do_sub(struct awk *a, int32_t kind, int32_t variable, bool all);
void awk_do_split(struct awk *a, int32_t array, bool given);
enum outcome awk_do_getline(struct awk *a, const int32_t *w);
enum outcome awk_do_print(struct awk *a, bool format, int count, enum awk_redirect to);

#endif
