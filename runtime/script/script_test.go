package script

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"spikec/internal/diag"
)

// awkward is a job whose paths hold what a shell, YAML or Kubernetes would take for something else.
func awkward() Job {
	return Job{Tool: "spikec v1", Build: `/srv/it's "new" $(HOME)`, Data: "/srv/data/a b", Partials: "/srv/parts: #1", Shards: 8, Jobs: 2,
		Check: []string{"--data", "npz:/srv/data/a b"}, Merge: []string{"--min-accuracy", "0.9"}}
}

// manifest is what is looked at of a Job of Kubernetes.
type manifest struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   struct {
		Name   string
		Labels map[string]string
	}
	Spec struct {
		CompletionMode       string `yaml:"completionMode"`
		Completions          int
		Parallelism          int
		BackoffLimit         *int `yaml:"backoffLimit"`
		BackoffLimitPerIndex *int `yaml:"backoffLimitPerIndex"`
		MaxFailedIndexes     *int `yaml:"maxFailedIndexes"`
		PodFailurePolicy     struct {
			Rules []struct {
				Action      string
				OnExitCodes struct {
					ContainerName string `yaml:"containerName"`
					Operator      string
					Values        []int
				} `yaml:"onExitCodes"`
				OnPodConditions []struct{ Type string } `yaml:"onPodConditions"`
			}
		} `yaml:"podFailurePolicy"`
		Template struct {
			Spec struct {
				RestartPolicy string `yaml:"restartPolicy"`
				Containers    []struct {
					Name, Image   string
					Command, Args []string
					Resources     struct{ Requests map[string]int }
					VolumeMounts  []struct {
						Name      string
						MountPath string `yaml:"mountPath"`
					} `yaml:"volumeMounts"`
				}
				Volumes []struct {
					Name                  string
					PersistentVolumeClaim struct {
						ClaimName string `yaml:"claimName"`
					} `yaml:"persistentVolumeClaim"`
				}
			}
		}
	}
}

// TestKubernetes holds the manifest to the rules of batch/v1: no key that is not known there, an Indexed Job with one completion a
// shard, and in its arguments the index and nothing else that Kubernetes would expand.
func TestKubernetes(t *testing.T) {
	text, err := Write("kubernetes", awkward())
	if err != nil {
		t.Fatal(err)
	}
	d := yaml.NewDecoder(strings.NewReader(text))
	d.KnownFields(true)
	var check, merge manifest
	if err := errors.Join(d.Decode(&check), d.Decode(&merge)); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for step, m := range map[string]manifest{"check": check, "merge": merge} {
		pod := m.Spec.Template.Spec
		if m.APIVersion != "batch/v1" || m.Kind != "Job" || m.Metadata.Name != "spikec-"+step || m.Metadata.Labels["spikec/step"] != step || pod.RestartPolicy != "Never" {
			t.Errorf("%s: %+v", step, m)
		}
		c := pod.Containers[0]
		if len(pod.Containers) != 1 || c.Name != "spikec" || c.Resources.Requests["cpu"] != 2 || c.VolumeMounts[0].MountPath != "/srv" ||
			c.VolumeMounts[0].Name != pod.Volumes[0].Name || pod.Volumes[0].PersistentVolumeClaim.ClaimName == "" || !slices.Equal(c.Command, []string{"spikec"}) {
			t.Errorf("%s: container %+v", step, c)
		}
	}
	s := check.Spec
	if s.CompletionMode != "Indexed" || s.Completions != 8 || s.Parallelism != 8 || *s.BackoffLimitPerIndex < 1 || *s.MaxFailedIndexes != 8 {
		t.Errorf("indexed: %+v", s)
	}
	if r := s.PodFailurePolicy.Rules; len(r) != 2 || r[0].Action != "Ignore" || r[0].OnPodConditions[0].Type != "DisruptionTarget" ||
		r[1].Action != "FailIndex" || r[1].OnExitCodes.ContainerName != "spikec" || !slices.Equal(r[1].OnExitCodes.Values, []int{1, 2, 4}) {
		t.Errorf("policy: %+v", s.PodFailurePolicy)
	}
	want := []string{"check", `/srv/it's "new" $$(HOME)`, "--quiet", "--jobs", "2", "--data", "npz:/srv/data/a b",
		"--shard", "$(JOB_COMPLETION_INDEX)/8", "--partial", "/srv/parts: #1/shard-$(JOB_COMPLETION_INDEX)-of-8.json"}
	if got := s.Template.Spec.Containers[0].Args; !slices.Equal(got, want) {
		t.Errorf("got arguments\n%q\nwant\n%q", got, want)
	}
	want = []string{"merge", "--result", "/srv/parts: #1/result.json", "--min-accuracy", "0.9"}
	for i := range 8 {
		want = append(want, fmt.Sprintf("/srv/parts: #1/shard-%d-of-8.json", i))
	}
	if got := merge.Spec.Template.Spec.Containers[0].Args; !slices.Equal(got, want) {
		t.Errorf("got arguments\n%q\nwant\n%q", got, want)
	}
}

// TestSlurm runs the script with a shell, and programs in place of Slurm's and spikec that print their arguments.
func TestSlurm(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell")
	}
	dir := t.TempDir()
	j := awkward()
	j.Partials = filepath.Join(dir, "it's parts")
	text, err := Write("slurm", j)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"job.sh": text,
		"sbatch": "#!/bin/sh\nprintf 'sbatch' >&2; printf ' <%s>' \"$@\" >&2; echo >&2; echo '17;here'\n",
		"spikec": "#!/bin/sh\nprintf 'spikec' >&2; printf ' <%s>' \"$@\" >&2\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) string {
		cmd := exec.Command(sh, append([]string{"job.sh"}, args...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"), "SLURM_ARRAY_TASK_ID=5", "SLURM_CPUS_PER_TASK=2")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return strings.TrimSpace(strings.ReplaceAll(string(out), j.Partials, "PARTS"))
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "sbatch <--parsable> <--array=0-7> <--output=PARTS/shard-%a.log> <job.sh> <shard>\n" +
			"sbatch <--parsable> <--dependency=afterany:17> <--output=PARTS/merge.log> <job.sh> <merge>\nshards: job 17, merge: job 17, in PARTS"},
		{[]string{"2,5"}, "sbatch <--parsable> <--array=2,5> <--output=PARTS/shard-%a.log> <job.sh> <shard>\n" +
			"sbatch <--parsable> <--dependency=afterany:17> <--output=PARTS/merge.log> <job.sh> <merge>\nshards: job 17, merge: job 17, in PARTS"},
		{[]string{"shard"}, `spikec <check> </srv/it's "new" $(HOME)> <--data> <npz:/srv/data/a b> <--quiet> <--jobs> <2> <--shard> <5/8> <--partial> <PARTS/shard-5-of-8.json>`},
		{[]string{"merge"}, "spikec <merge> <--min-accuracy> <0.9> <--result> <PARTS/result.json> <PARTS/shard-*-of-8.json>"},
	} {
		if got := run(c.args...); got != c.want {
			t.Errorf("%v: got\n%s\nwant\n%s", c.args, got, c.want)
		}
	}
}

// TestRefused wants paths that a script cannot name as findings.
func TestRefused(t *testing.T) {
	j := awkward()
	j.Partials = "/elsewhere/parts"
	var f *diag.Failure
	if _, err := Write("kubernetes", j); !errors.As(err, &f) || f.List[0].ID != idApart || !strings.Contains(err.Error(), "/elsewhere/parts") {
		t.Errorf("got %v", err)
	}
	if _, err := Write("slurm", j); err != nil {
		t.Error(err)
	}
	j.Data = "a\nb"
	for _, kind := range Kinds() {
		if _, err := Write(kind, j); !errors.As(err, &f) || f.List[0].ID != idPath {
			t.Errorf("%s: got %v", kind, err)
		}
	}
	if _, err := Write("pigeons", j); err == nil {
		t.Error("there is no such kind")
	}
}
