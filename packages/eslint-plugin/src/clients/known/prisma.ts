import type { ClientDescription, Method } from '../client-description.ts'

const where: Method = { kind: 'scoped', argument: 0, at: ['where'], ids: [{ argument: 0, at: 'where.id' }] }
const rows: Method = { kind: 'rows', argument: 0, at: 'data' }

/** Prisma: the models that have the user's column. */
export const prisma: ClientDescription = {
  // The generator writes the client to a path of the project's own, or to .prisma in the older way.
  modules: ['@prisma/client', '.prisma/client', '*/generated/prisma', '*/generated/prisma/client'],
  classes: ['PrismaClient', 'TransactionClient', 'Prisma.TransactionClient'],
  userKeys: ['userId', 'user_id'],
  filter: 'relations',
  tables: 'byColumn',
  columnsAt: ['fields'],
  methods: {},
  tableProperties: 'Model',
  parts: {
    Model: {
      classes: ['*Delegate'],
      methods: {
        findMany: where,
        findFirst: where,
        findFirstOrThrow: where,
        findUnique: where,
        findUniqueOrThrow: where,
        count: where,
        aggregate: where,
        groupBy: where,
        update: where,
        updateMany: where,
        updateManyAndReturn: where,
        upsert: where,
        delete: where,
        deleteMany: where,
        create: rows,
        createMany: rows,
        createManyAndReturn: rows,
      },
    },
  },
}
