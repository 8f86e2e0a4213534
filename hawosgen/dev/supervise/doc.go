// Package supervise keeps a project's programs running in the background: one process, the supervisor, starts them
// in waves, waits until they are ready, starts again what crashed, and stops them in an order that hurts nobody. It
// talks with hawosgen's verbs through files in the project's folder .hawos: they write the Spec and read the State.
//
// The supervisor is Run. What it should do is Dir.WriteSpec and Reload, what it does Dir.State. Sweep ends what a
// supervisor that died left behind. This package knows nothing of etcd, apps or configuration.
package supervise
