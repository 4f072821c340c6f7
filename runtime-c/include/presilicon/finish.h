/* The end of a run, through the test finisher. */
#ifndef PRESILICON_FINISH_H
#define PRESILICON_FINISH_H

/* Ends the run: 0 is success, anything else (low 16 bits) the exit code of a failure. */
_Noreturn void finish(int code);

#endif
