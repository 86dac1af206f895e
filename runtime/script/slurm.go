package script

import "fmt"

// slurm is a shell script for Slurm that submits itself: as a job array, a task a shard, and behind it as the job that
// merges. The merge runs however the array ended, because it names what is missing. The number of shards stands in the
// script: where a part of an array is submitted again, SLURM_ARRAY_TASK_COUNT counts that part alone.
func slurm(j Job) (string, error) {
	return fmt.Sprintf(`#!/bin/sh
#SBATCH --job-name=spikec-check
#SBATCH --cpus-per-task=%[1]d
#
# Checks a build in %[2]d shards as a job array of Slurm, and merges them. Written by %[3]s.
#
#   sh SCRIPT          submits all shards, and the merge behind them
#   sh SCRIPT 2,5-7    submits these shards again, and the merge
#
# What a site needs besides (partition, account, time) is said in further lines #SBATCH above, or in variables such as
# SBATCH_PARTITION. SPIKEC is the program, where it is not in the path of every node. The result, or what is missing, is
# in result.json and merge.log of the folder below.
set -eu
spikec=${SPIKEC:-spikec}
folder=%[4]s
case ${1:-} in
shard)
	exec "$spikec" check %[5]s%[6]s --quiet --jobs "${SLURM_CPUS_PER_TASK:-1}" \
		--shard "$SLURM_ARRAY_TASK_ID/%[2]d" --partial "$folder/%[7]s"
	;;
merge)
	exec "$spikec" merge%[8]s --result "$folder/result.json" "$folder"/%[9]s
	;;
esac
mkdir -p "$folder"
rm -f "$folder/result.json"
array=$(sbatch --parsable --array="${1:-%[10]s}" --output="$folder/shard-%%a.log" "$0" shard)
merge=$(sbatch --parsable --dependency="afterany:${array%%%%;*}" --output="$folder/merge.log" "$0" merge)
echo "shards: job ${array%%%%;*}, merge: job ${merge%%%%;*}, in $folder"
`, j.Jobs, j.Shards, j.tool(), quote(j.Partials), quote(j.Build), words(j.Check), j.partial("$SLURM_ARRAY_TASK_ID"), words(j.Merge),
		j.partial("*"), range0(j.Shards)), nil
}
