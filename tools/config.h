/* config.h - podsim.yaml: options that a project sets once. Its keys are the options' names, for all commands, or for
 * one in a section of the command's name:
 *
 *     color: never
 *     test: {jobs: 4, tag: [fast]}
 *
 * It is looked for in the working directory and those above, up to the root of the repository (where .git is) or of the
 * file system; the first one counts. Precedence: flag, environment, section, common key, default.
 */
#ifndef TOOLS_CONFIG_H
#define TOOLS_CONFIG_H

#include "model/value.h"
#include "tools/options.h"

struct config {
    const char *file;         /* as messages name it; NULL = there is none */
    const struct value *root; /* NULL = there is none, or it is empty */
};

/* Finds, reads and checks all of it, whatever the command. What is wrong goes to `d`, memory comes from `a`. */
int config_read(struct arena *a, struct diag_set *d, const struct options *o, struct config *ret_config);
/* Gives `o` what the file says about o->command and no flag or variable has said. */
void config_set(const struct config *c, struct options *o);

/* All of this for a command that is about to run, and options_derive(). -1 = said on standard error. */
int config_apply(struct options *o);

/* JSON Schema of the file. */
void config_schema(struct strbuf *out);

#endif
