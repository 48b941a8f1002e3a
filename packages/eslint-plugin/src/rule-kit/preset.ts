// The published declarations name it, so it stands apart from what needs the types of @typescript-eslint.
/** The names of the presets. */
export type Preset = 'recommended' | 'recommendedTypeChecked' | 'strict' | 'strictTypeChecked'
