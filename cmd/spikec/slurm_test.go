//go:build linux

package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// cluster is a Slurm of one node on the loopback interface: munge, the controller and the node's daemon, with all that
// they write in one folder.
type cluster struct {
	t    *testing.T
	dir  string
	conf string
}

// newCluster starts the daemons, and ends them with the test. It skips the test where that is not possible.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	for _, program := range []string{"munged", "slurmctld", "slurmd", "sbatch", "sinfo"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("there is no Slurm to try this on (Debian: slurmctld slurmd slurm-client munge): %v", err)
		}
	}
	if os.Getuid() != 0 {
		t.Skip("a Slurm of its own needs root")
	}
	dir, err := os.MkdirTemp("", "slurm") // t.TempDir is too long for the name of a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	c := &cluster{t, dir, filepath.Join(dir, "slurm.conf")}
	c.configure()
	munge := func(what string) string { return "--" + what + "=" + filepath.Join(dir, "munge."+what) }
	c.daemon("munged", "--foreground", "--force", munge("key-file"), munge("socket"), munge("pid-file"), munge("log-file"), munge("seed-file"))
	c.until("munge", func() bool { _, err := os.Stat(filepath.Join(dir, "munge.socket")); return err == nil })
	c.daemon("slurmctld", "-D", "-f", c.conf)
	c.daemon("slurmd", "-D", "-f", c.conf)
	c.until("an idle node", func() bool {
		state, err := c.command("sinfo", "--noheader", "--format=%T").Output()
		return err == nil && strings.TrimSpace(string(state)) == "idle"
	})
	return c
}

// configure writes the configuration and munge's key.
func (c *cluster) configure() {
	c.t.Helper()
	host, err := os.Hostname()
	if err != nil {
		c.t.Fatal(err)
	}
	host, _, _ = strings.Cut(host, ".")
	text := fmt.Sprintf(`ClusterName=spikec
SlurmctldHost=%[1]s(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=%[2]s/munge.socket
CredType=cred/munge
SlurmctldPort=%[3]d
SlurmdPort=%[4]d
SlurmctldPidFile=%[2]s/slurmctld.pid
SlurmdPidFile=%[2]s/slurmd.pid
SlurmdSpoolDir=%[2]s/spool
StateSaveLocation=%[2]s/state
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,batch_sched_delay=0
ReturnToService=2
NodeName=%[1]s NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=%[1]s Default=YES MaxTime=10 State=UP
`, host, c.dir, freePort(c.t), freePort(c.t))
	for name, content := range map[string]string{"slurm.conf": text, "munge.key-file": strings.Repeat("key of one test\n", 64)} {
		if err := os.WriteFile(filepath.Join(c.dir, name), []byte(content), 0o400); err != nil {
			c.t.Fatal(err)
		}
	}
	for _, name := range []string{"spool", "state"} {
		if err := os.Mkdir(filepath.Join(c.dir, name), 0o755); err != nil {
			c.t.Fatal(err)
		}
	}
	if err := os.Chmod(c.dir, 0o755); err != nil { // munge wants others to reach its socket
		c.t.Fatal(err)
	}
}

// freePort is a port that nobody listens on.
func freePort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// command is a command of Slurm for this cluster.
func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "SLURM_CONF="+c.conf)
	return cmd
}

// daemon starts a daemon.
func (c *cluster) daemon(name string, args ...string) {
	c.t.Helper()
	log, err := os.Create(filepath.Join(c.dir, name+".log"))
	if err != nil {
		c.t.Fatal(err)
	}
	cmd := c.command(name, args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		ended := time.AfterFunc(5*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait() // killed or not, it has ended
		ended.Stop()
		log.Close()
		if c.t.Failed() {
			text, _ := os.ReadFile(log.Name())
			c.t.Logf("%s:\n%s", name, text)
		}
	})
}

// until waits for a state of the cluster, three minutes at most.
func (c *cluster) until(what string, there func() bool) {
	c.t.Helper()
	for range 1800 {
		if there() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	c.t.Fatalf("waited three minutes for %s", what)
}

// submit runs a script that submits itself, and waits until all jobs are done.
func (c *cluster) submit(program, script string, args ...string) {
	c.t.Helper()
	cmd := c.command("sh", append([]string{script}, args...)...)
	cmd.Env = append(cmd.Env, "SPIKEC="+program, asProgram+"=1")
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "merge: job ") {
		c.t.Fatalf("%v\n%s", err, out)
	}
	c.until("the jobs", func() bool {
		out, err := c.command("squeue", "--noheader", "--states=PENDING,RUNNING,COMPLETING,CONFIGURING").Output()
		return err == nil && strings.TrimSpace(string(out)) == ""
	})
}

// TestSlurm submits the script that check writes: an array of 8, of which one task is killed. The merge names it; once it alone is
// submitted again, the result has the bytes of a check in one go.
func TestSlurm(t *testing.T) {
	if testing.Short() {
		t.Skip("a Slurm takes some seconds")
	}
	p, args := built(t, "tiny.onnx")
	c := newCluster(t)
	p.spikec(args...).exits(0)
	whole := p.spikec("check", p.path("out"), "--json", "--quiet").exits(0)
	script := p.spikec("check", "out", "--script", "slurm", "--shards", "8", "--partials", "parts").exits(0)
	p.write("job.sh", strings.ReplaceAll(script.out, "$WORK", p.dir))
	p.write("killed.sh", `#!/bin/sh
case "$*" in
*" 3/8 "*)
	if [ ! -e '`+p.path("killed")+`' ]; then
		touch '`+p.path("killed")+`'
		kill -9 $$
	fi
	;;
esac
exec '`+os.Args[0]+`' "$@"
`)
	if err := os.Chmod(p.path("killed.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	c.submit(p.path("killed.sh"), p.path("job.sh"))
	if log := p.read("parts/merge.log"); !strings.Contains(log, "shard 3/8") || strings.Contains(log, "shard 4/8") {
		t.Errorf("the merge does not name the task that was killed:\n%s", log)
	}
	if left := p.names("parts"); slices.Contains(left, "result.json") || slices.Contains(left, "shard-3-of-8.json") {
		t.Errorf("there is a result without one of the tasks: %v", left)
	}
	c.submit(p.path("killed.sh"), p.path("job.sh"), "3")
	if got := strings.ReplaceAll(p.read("parts/result.json"), p.dir, "$WORK"); got != whole.out {
		t.Errorf("the result of the array is\n%s\nof one check\n%s\nand the merge said\n%s", got, whole.out, p.read("parts/merge.log"))
	}
}
