# What starts the incidents has in common: the tests and scripts/demo.
# shellcheck shell=bash

# Peers keep the service well for so long: the base is taken in it.
# shellcheck disable=SC2034
incident_healthy=20s

# incident_dials PROGRAM: it dials its peer, which must be there first. The others are called
# by theirs.
incident_dials() { [[ $1 =~ ^(cron|grpc|ssh)$ ]]; }

# incident_conf PROGRAM NAME PID ADDRESS: the leakdog.yaml of its owner for this process, which
# is no unit here; and its base need not wait for five minutes where all is well for seconds.
incident_conf() {
	sed "s/^  $1:/  $2:/; s/unit: .*/pid: $3/; s/127\.0\.0\.1:[0-9]*/$4/" \
		"$(dirname "${BASH_SOURCE[0]}")/$1/leakdog.yaml"
	echo 'defaults: { base: { after: 8s } } # the default is 5m'
}
