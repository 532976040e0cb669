/* commands.h - the functions that carry out the rows of commands.def. They return an enum exit_code. */
#ifndef TOOLS_COMMANDS_H
#define TOOLS_COMMANDS_H

#include "tools/options.h"

#define COMMAND(id, function, name, operands, which, doc) int function(const struct options *o);
#include "tools/commands.def"
#undef COMMAND

/* The topics of help that are no commands, by index; NULL behind the last. */
const char *help_topic(uint32_t index);

#endif
