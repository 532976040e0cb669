/* golden.h - expected timelines ("goldens"): beside NAME.yaml, NAME.FORMAT is what `podsim run -o FORMAT NAME.yaml`
 * prints, byte for byte, with nothing added: no header, no version. So `podsim run` makes one, `diff` compares one, and
 * a release that changes nothing for a scenario changes none. What a case with parameters prints is in
 * NAME@grace=5,image=nginx-1.27.FORMAT.
 *
 *     podsim test --create timeline web.yaml    the first golden of a file
 *     podsim test                               compares; what a failed one should have been is in NAME.FORMAT.actual
 *     podsim test --update                      rewrites those that differ, of the cases that were chosen and ran to
 * the end podsim test --prune                       removes goldens whose file or case is gone
 *
 * Goldens hold for the scenario as it is written: with --seed, --profile or --tie-order they are not compared.
 */
#ifndef TOOLS_GOLDEN_H
#define TOOLS_GOLDEN_H

#include "model/scenario.h"
#include "report/check_result.h"
#include "report/golden_diff.h"
#include "tools/options.h"

/* What is to be done about goldens in this run of `podsim test`. */
struct golden_policy {
    bool update;             /* rewrite those that differ */
    bool keep_actual;        /* write NAME.FORMAT.actual beside one that differs */
    bool prune;              /* remove what is obsolete */
    uint32_t create;         /* formats, by bit: write those that are not there */
    const char *another_run; /* "--seed": why none is compared; NULL = they are */
    bool tolerance_given;
    sim_time tolerance;
    struct text_list ignore; /* in addition to the scenario's */
};

/* From the options and the environment (CI). -1 with a complaint: a wrong combination. */
int golden_policy_of(const struct options *o, struct golden_policy *ret_policy, struct strbuf *complaint);

/* A case whose goldens are asked for. */
struct golden_case {
    const char *id;    /* "web.yaml[grace=5]" */
    const char *file;  /* "web.yaml" */
    const char *label; /* of its parameters, as part of a file's name: "grace=5,image=nginx-1.27"; "" = it has none */
    const struct scenario *scenario;
};

/* Holds a run that came to its end against the goldens of its case, and adds a result for each. -1 when one could not
 * be written: the results say so, too, and *ret_wrong is the first reason. */
int golden_check(const struct run_trace *run, const struct golden_case *c, const struct golden_policy *policy,
                 struct arena *a, struct check_results *results, const char **ret_wrong);

/* Why the run did what a row of its output says: lines for golden_tell(). */
void golden_explain_row(const struct run_trace *run, const struct golden_row *row, struct strbuf *out);

/* --ignore: -1 with a complaint. */
int golden_ignore_wrong(const struct text_list *ignore, struct strbuf *complaint);

/* Is there a golden beside this file, of its only case? */
bool golden_is_beside(const char *file);

/* "web@grace=5,image=nginx-1.27": what the goldens of a case are called, before the format. */
const char *golden_stem(struct arena *a, const char *file, const char *label);

/* ---- golden_obsolete.c ---- */

/* Goldens, leftovers of failed ones (.actual) and of interrupted writes in these directories that no case asks for,
 * sorted; only what is certainly ours. `stems` are those of all cases, chosen or not; `unknown` are files whose cases
 * are not known, because they cannot be read: their goldens stay. */
void golden_obsolete(struct arena *a, const str_list *directories, const str_list *stems, const str_list *unknown,
                     str_list *ret_obsolete);
/* Removes them. A line for each that cannot be removed. */
int golden_prune(const str_list *obsolete, struct strbuf *complaint);

#endif
