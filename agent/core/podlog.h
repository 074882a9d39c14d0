#pragma once
/* What kubelet calls its log files, so that names of pods need no API:
 *
 *   containers/POD_NAMESPACE_CONTAINER-ID.log   a link; only its name is read
 *   pods/NAMESPACE_POD_UID/                     a directory
 *
 * A name of Kubernetes has no '_'. What is not exactly so is somebody else's file. */

#include "core/container.h"

struct podlog {
	char namespace[POD_NAMESPACE_MAX], pod[POD_NAME_MAX];
	char container[POD_NAMESPACE_MAX]; /* "" of a directory */
	char id[CONTAINER_ID_MAX]; /* its first digits where the name had to be cut */
	char uid[POD_UID_MAX];     /* of a directory */
};

bool podlog_container(const char *file, struct podlog *ret);
bool podlog_pod(const char *directory, struct podlog *ret);
