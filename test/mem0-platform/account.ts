/** The one organisation, project and person that every key belongs to. */
export const ORGANISATION = 'org-stand-in'
export const PROJECT = 'proj-stand-in'
export const OWNER_EMAIL = 'owner@stand-in.invalid'

/** Where a client asks for them, by itself, when it is built. */
export const PING = '/v1/ping/'
