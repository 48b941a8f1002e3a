/** The organisation, project and owner that every key belongs to. */
export const ORGANISATION = 'org-stand-in'
export const PROJECT = 'proj-stand-in'
export const OWNER_EMAIL = 'owner@stand-in.invalid'

/** The route that a client requests by itself when it is created. */
export const PING = '/v1/ping/'
