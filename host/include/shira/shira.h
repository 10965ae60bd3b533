// Everything that a program which drives a device needs: link libshira.a.
#ifndef SHIRA_SHIRA_H
#define SHIRA_SHIRA_H

#include "shira/config.h"
#include "shira/driver.h"
#include "shira/error.h"
#include "shira/regs.h"
#include "shira/version.h"
#include "shira/wire.h"
#include "shira/device.h"

#endif
