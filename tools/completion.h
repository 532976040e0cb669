/* completion.h - completion scripts for shells, from the tables of commands and options: what an option's argument can
 * be and what a command's operands are is in the script, so that podsim is not run while somebody types.
 */
#ifndef TOOLS_COMPLETION_H
#define TOOLS_COMPLETION_H

#include "tools/options_table.h"

void completion_bash(struct strbuf *out);
void completion_zsh(struct strbuf *out);
void completion_fish(struct strbuf *out);

/* The words that a command's operand can be, separated by blanks: help's topics, config's show. Nothing: files or none.
 */
void completion_words(enum command_id command, struct strbuf *out);

/* What a command's operands are besides such words. */
static inline bool completion_wants_files(enum command_id command)
{
    enum operands which = command_infos[command].which;
    return which == OPERANDS_FILES || which == OPERANDS_PATHS || which == OPERANDS_FILES_AND_POD;
}
/* Is the option's argument a file? */
bool completion_takes_file(enum option_id id);
/* Does the next word belong to the option? (Of --fail-fast[=N] it does not.) */
static inline bool completion_takes_word(enum option_id id)
{
    return option_infos[id].type != OPTION_FLAG && option_infos[id].type != OPTION_MAYBE;
}

#endif
