import { spawnSync } from 'node:child_process'

/** Runs a program in a new pid namespace, where it is pid 1; it dies with `unshare`. */
export const AS_PID_1 = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child']
/** Runs a program with mounts of its own. */
export const OWN_MOUNTS = ['unshare', '--mount']

export const canUnshare = spawnSync('unshare', [...AS_PID_1.slice(1), 'true']).status === 0
/** For the names of tests. */
export const needsRoot = canUnshare ? '' : ' [skipped: needs Linux, util-linux and root]'
