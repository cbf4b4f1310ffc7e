/** The kind of the job that signs a record anew; its subject is the id of a name, its owner the account. */
export const renewJob = 'renew-name'

/** The kind of the job that gives a record to the network, and again twice a day. */
export const tellJob = 'tell-name'
