// The version of this program, of its reports and of its library: the one place where it is
// written.
#ifndef SHIRA_VERSION_H
#define SHIRA_VERSION_H

#define SHIRA_VERSION "0.2.0"

#endif
