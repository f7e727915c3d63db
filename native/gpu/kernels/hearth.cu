/* Every kernel of the GPU backends, one image; see gpu.h for what compiles it. */
#include "attention.h"
#include "bfloats.h"
#include "experts.h"
#include "linear.h"
#include "recurrence.h"
#include "rows.h"
