/* Where the service of a job logs: told to the child with the job, because only the agent
 * knows the configuration. */
#include "agent_parts.h"

void log_of_job(const struct agent *agent, const struct conf_service *conf,
		struct job *job)
{
	bool wanted = conf->capture.artifacts & 1U << ARTIFACT_LOG;
	struct log_source container;

	log_source_container(&agent->conf->runtime, &job->container, &container);
	log_source_find(wanted ? conf->log : "", job->target.cgroup, &container,
			&job->log);
}

/* A service that is no longer configured has no log. */
void log_of_orphan(const struct agent *agent, struct job *job)
{
	for (size_t i = 0; i < agent->conf->n_services; i++) {
		const struct conf_service *conf = &agent->conf->services[i];

		if (text_equal(conf->name, job->service))
			log_of_job(agent, conf, job);
	}
}
