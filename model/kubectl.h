/* kubectl.h - actions: the kubectl lines people already know, parsed before the run and carried out
 * against the store, with kubectl's own output and error texts.
 */
#ifndef MODEL_KUBECTL_H
#define MODEL_KUBECTL_H

#include "model/cluster.h"

/* Parses a line ("delete pod web --grace-period=5"; a leading "kubectl" is allowed; quotes as in a
 * shell). Wrong verbs, flags and resources are diagnostics at `pos`, with a suggestion; verbs and
 * kinds that are modelled later say so. Files given with -f are read and decoded here. Returns 0/-1. */
int kubectl_parse(struct arena *a, struct diag_set *d, struct src_pos pos, const char *line,
                  scenario_read_file *read_file, void *ctx, const struct kubectl_command **ret_command);
/* As kubectl_parse, for a line that stands in a document: carets are exact in every style of scalar. */
int kubectl_parse_value(struct arena *a, struct diag_set *d, const struct value *line,
                        scenario_read_file *read_file, void *ctx, const struct kubectl_command **ret_command);

/* What the API server of these versions and gates thinks of the pods the command creates: diagnostics. Returns 0/-1. */
int kubectl_check_features(struct arena *a, struct diag_set *d, const struct features *f,
                           const struct kubectl_command *command);

/* Of a word on a command line: does the flag's value follow as a word of its own ("-o", "--selector")? */
bool kubectl_value_follows(const char *word);
/* "--watch", "--output=yaml": does any verb have it? */
bool kubectl_has_flag(const char *word);
/* Does it go on after it has printed something: --watch, rollout status? */
bool kubectl_goes_on(const struct kubectl_command *command);

/* Carries it out now; appends what kubectl prints to `out` (stdout and stderr as a terminal shows
 * them). Returns kubectl's exit code. The caller has recorded the action and made it the current cause:
 * every write has it as its cause. A command that takes simulated time (exec, wait, drain) returns
 * KUBECTL_RUNS_ON and tells the rest with cluster_action_said() and cluster_action_done(). */
enum { KUBECTL_RUNS_ON = -1 };
int kubectl_execute(struct cluster *c, const struct kubectl_command *command, struct strbuf *out);

#endif
