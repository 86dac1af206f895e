package script

import (
	"encoding/json"
	"fmt"
	"strings"
)

// kubernetes is a manifest of two Jobs on one shared volume: an Indexed Job, a completion a shard, and the Job that merges.
// An index fails for good where the input or the request is wrong (exit codes 1 and 2) or the counts differ (4); it is tried
// again after anything else, and a disruption of its node is not counted.
func kubernetes(j Job) (string, error) {
	root, err := j.root()
	if err != nil {
		return "", err
	}
	folder := plain(j.Partials) + "/"
	check := []string{"check", plain(j.Build), "--quiet", "--jobs", fmt.Sprint(j.Jobs)}
	for _, a := range j.Check {
		check = append(check, plain(a))
	}
	check = append(check, "--shard", fmt.Sprintf("$(JOB_COMPLETION_INDEX)/%d", j.Shards), "--partial", folder+j.partial("$(JOB_COMPLETION_INDEX)"))
	merge := append([]string{"merge", "--result", folder + "result.json"}, j.Merge...)
	for i := range j.Shards { // there may be no shell that could expand a pattern
		merge = append(merge, folder+j.partial(fmt.Sprint(i)))
	}
	return fmt.Sprintf(`# Checks a build in %[1]d shards as an Indexed Job of Kubernetes, and merges them. Written by %[2]s.
#
#   kubectl apply -f FILE -l spikec/step=check
#   kubectl wait --for=condition=complete --timeout=24h job/spikec-check
#   kubectl apply -f FILE -l spikec/step=merge
#   kubectl logs job/spikec-merge
#
# image is one that has spikec in its path; the claim is a volume that all nodes can write to, and holds what is in
# %[3]s here. The result is result.json in %[4]s.
%[5]s---
%[6]s`, j.Shards, j.tool(), root, j.Partials, j.job("check", root, fmt.Sprintf(indexed, j.Shards), check),
		j.job("merge", root, "  backoffLimit: 0\n", merge)), nil
}

// indexed is what the job of the shards has that the other one lacks.
const indexed = `  completionMode: Indexed
  completions: %[1]d
  parallelism: %[1]d
  backoffLimitPerIndex: 3
  maxFailedIndexes: %[1]d
  podFailurePolicy:
    rules:
      - action: Ignore
        onPodConditions:
          - type: DisruptionTarget
      - action: FailIndex
        onExitCodes:
          containerName: spikec
          operator: In
          values: [1, 2, 4]
`

// job is one Job. args are those of spikec.
func (j *Job) job(step, root, spec string, args []string) string {
	var list strings.Builder
	for _, a := range args {
		fmt.Fprintf(&list, "            - %s\n", yamlText(a))
	}
	return fmt.Sprintf(`apiVersion: batch/v1
kind: Job
metadata:
  name: spikec-%[1]s
  labels:
    spikec/step: %[1]s
spec:
%[2]s  template:
    spec:
      restartPolicy: Never
      containers:
        - name: spikec
          image: spikec
          command: [spikec]
          args:
%[3]s          resources:
            requests:
              cpu: %[4]d
          volumeMounts:
            - name: work
              mountPath: %[5]s
      volumes:
        - name: work
          persistentVolumeClaim:
            claimName: spikec
`, step, spec, list.String(), j.Jobs, yamlText(root))
}

// plain is an argument in which Kubernetes looks for no variables.
func plain(arg string) string { return strings.ReplaceAll(arg, "$(", "$$(") }

// yamlText is a string in quotation marks, which YAML reads as JSON does.
func yamlText(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string can always be written
	}
	return string(text)
}
