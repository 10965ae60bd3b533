// What this program was built from.
#ifndef SHIRA_BASE_BUILD_H
#define SHIRA_BASE_BUILD_H

// Hash of the sources and compiler flags that decide results, as hex digits: of all of host/ but
// report/ and cli/, and of the golden model. The build makes it.
extern const char shira_build_hash[];

#endif
