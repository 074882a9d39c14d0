#pragma once
/* Being ready before memory is short: then a page of a program that is touched for the
 * first time, or that the kernel has dropped, must be read from a disk that everybody
 * waits for. Both do what they may: without the right, less is certain. */

/* Reads all of this program's own text, of its libraries nothing: what is rarely needed
 * is needed when memory is short. */
void warm_program(void);
/* Lets go of the pages of libraries that nobody has changed: starting has touched many
 * that nothing else will. What is touched from here on is back at once, as the kernel has
 * it yet. Before warm_keep. */
void warm_forget(void);
/* Keeps in memory what is there by now: mlockall(2), with RLIMIT_MEMLOCK or the right. */
void warm_keep(void);
/* Rights are about to be given up: what is kept by a right alone is kept no longer. */
void warm_let_go(void);
